"""The way of every restore: check, restore beside the target, check there, swap.

Until the last step nothing of the target changes. A failure before it removes what was restored.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

from .backup_file import BackupFile, Contents
from .checksums import backup_checksum, backup_size
from .contents import comparison, refuse_differences
from .problems import RestoreAborted, RestoreProblem, RestoreRefused
from .reporting import Reporter
from .target import Progress, Target


@dataclass(frozen=True)
class RestoreStep:
    """`share` is how much of the whole it is thought to take, in percent."""

    phase: str
    run: Callable[[Progress], None]
    share: int


@dataclass(frozen=True)
class Choices:
    """What the operator allows."""

    overwrite: bool = False
    consent: bool = False
    """What must be removed first may be removed: asked on a terminal if it is not given."""


def plan(
    backup: BackupFile, target: Target, choices: Choices, reporter: Reporter
) -> list[RestoreStep]:
    """What will be done, in order."""
    restore = _Restore(backup, target, choices, reporter)
    return [
        RestoreStep("looking at the target", restore.look, 1),
        RestoreStep("checking the checksum", restore.check_checksum, 20),
        RestoreStep("checking the backup", target.check_backup, 10),
        RestoreStep("restoring", restore.fill, 60),
        RestoreStep("checking what was restored", restore.check_restored, 8),
        RestoreStep("swapping", restore.swap, 1),
    ]


def carry_out(steps: list[RestoreStep], reporter: Reporter) -> None:
    """Run the steps, and say how far it is."""
    done = 0
    for step in steps:
        reporter.begin(step.phase, done, done + step.share)
        step.run(reporter.progress)
        done += step.share


class _Restore:
    """What the steps of one restore share."""

    def __init__(
        self, backup: BackupFile, target: Target, choices: Choices, reporter: Reporter
    ) -> None:
        self.backup = backup
        self.target = target
        self.choices = choices
        self.reporter = reporter

    def look(self, progress: Progress) -> None:
        undone = self.target.prepare()
        if undone:
            self.reporter.warn(undone)
        for left in self.target.leftovers():
            self.reporter.warn(f"a restore that was killed, or is still at work, made {left}")
        if not self.target.exists():
            return
        if not self.choices.overwrite:
            raise RestoreRefused(
                f"{self.target.name} exists already. To replace it, say --overwrite."
            )
        self._refuse_if_in_use()
        if self.target.needs_consent and not self.choices.consent:
            self._ask()

    def check_checksum(self, progress: Progress) -> None:
        backup = self.backup
        if backup.size is not None:
            size = backup_size(backup.path)
            if size != backup.size:
                raise RestoreAborted(
                    f"{backup.path} has {size} bytes, and was registered with {backup.size}."
                )
        if not backup.checksum:
            self.reporter.warn(
                f"no checksum was recorded of {backup.path}: whether it is unchanged is not known"
            )
            return
        found = backup_checksum(backup.path, progress)
        if found != backup.checksum.lower():
            raise RestoreAborted(
                f"{backup.path} was changed: its checksum is {found}, "
                f"and it was registered with {backup.checksum}."
            )

    def fill(self, progress: Progress) -> None:
        with _Discarded(self.target, self.reporter):
            self.target.fill(progress)

    def check_restored(self, progress: Progress) -> None:
        with _Discarded(self.target, self.reporter):
            expected = self.backup.contents
            found = self.target.contents_beside(expected)
            refuse_differences(f"What was restored from {self.backup.path}", expected, found)

    def swap(self, progress: Progress) -> None:
        there = self.target.exists()
        if there and not self.choices.overwrite:
            with _Discarded(self.target, self.reporter):
                raise RestoreRefused(f"{self.target.name} was made by somebody else meanwhile.")
        try:
            if there:
                self._refuse_if_in_use()
            kept = self.target.swap(overwrite=there)
        except (RestoreProblem, OSError) as error:
            left = self.target.left_beside()
            raise RestoreAborted(f"{explained(error)} {left}".rstrip()) from error
        progress(1.0)
        if kept:
            self.reporter.say(kept)

    def _refuse_if_in_use(self) -> None:
        users = self.target.users()
        if users:
            raise RestoreRefused(f"{self.target.name} is in use by {', '.join(users)}.")

    def _ask(self) -> None:
        why = self.target.needs_consent
        if sys.stdin is None or not sys.stdin.isatty():
            raise RestoreRefused(f"{why} To allow that, say --yes.")
        print(f"{why} Go on? [y/N] ", end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            raise RestoreRefused("Nothing was done.")


class _Discarded:
    """Removes what was restored beside the target if the block does not end well."""

    def __init__(self, target: Target, reporter: Reporter) -> None:
        self.target = target
        self.reporter = reporter

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None:
            return
        try:
            self.target.discard()
        except (RestoreProblem, OSError) as problem:
            self.reporter.warn(f"{self.target.left_beside()} It could not be removed: {problem}")


def explained(error: Exception) -> str:
    """Why something failed, with the file that it was about."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}." if error.filename else f"{error.strerror}."
    return str(error)


def check_target(target: Target, expected: Contents) -> str:
    """What a target holds, compared with what was recorded; raises `RestoreAborted`."""
    if not target.exists():
        raise RestoreAborted(f"{target.name} does not exist.")
    found = target.contents(expected)
    refuse_differences(target.name, expected, found)
    return comparison(expected, found, holds_files=target.holds_files)
