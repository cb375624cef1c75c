"""`restore-backup` and `check-restored`: what `run --backup` runs without a command."""

from __future__ import annotations

import argparse
import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from ..restoring.backup_file import BackupFile, Contents
from ..restoring.kinds import KINDS, kind_of, refuse_other_kind
from ..restoring.problems import RestoreProblem, RestoreRefused
from ..restoring.reporting import Reporter, Silent
from ..restoring.steps import Choices, carry_out, check_target, explained, plan
from ..restoring.targets import make_target
from .parsing import Parser
from .printing import complain

RESTORE_BACKUP, CHECK_RESTORED = "restore-backup", "check-restored"
HELP = "restore a backup, without recording it"
DESCRIPTION = """\
Restores a backup: dumps of PostgreSQL (custom, directory, tar, plain), MySQL and MariaDB, SQLite
files, directories, and tar archives; plain dumps and archives also with gzip or zstd. The kind is
found from the content.

It is restored beside the target, under another name, and checked there. Then it takes the target's
name. What was there before is kept under a name with the time, which is printed.

Nothing is recorded by this command: `run --backup` runs it and records it.

Exit codes: 0 restored; 1 failed; 2 refused, and nothing was done; 127 a program is missing.
"""
CHECK_HELP = "check that a restored target holds what was recorded of its backup"
CHECK_DESCRIPTION = """\
Opens a restored target, and compares its tables, or its number of files, with what was recorded of
the backup. This is the check that `run --backup` makes, and records as validation.

Exit codes: 0 it holds that; 1 it does not, or cannot be opened.
"""
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Ended(BaseException):
    """A signal asked this process to end; the number is its argument."""


def add_command(commands: argparse._SubParsersAction[Parser]) -> None:
    restoring = commands.add_parser(RESTORE_BACKUP, help=HELP, description=DESCRIPTION)
    add_restore_arguments(restoring)
    add = restoring.add_argument
    add("--file", type=Path, required=True, metavar="PATH", help="the backup: a file, a directory")
    add("--target", required=True, metavar="NAME", help="the database, or the path, to restore to")
    add("--overwrite", action="store_true", help="replace the target if it exists")
    add("--checksum", default="", metavar="sha256:HEX", help="what the backup was registered with")
    add("--size", type=int, metavar="BYTES", help="what the backup was registered with")
    add("--format", default="", help="what the backup was registered with")
    add("--contents", type=Path, metavar="FILE",
        help="a JSON object: names of tables, with their rows or null")  # fmt: skip
    restoring.set_defaults(function=restore_backup)
    checking = commands.add_parser(CHECK_RESTORED, help=CHECK_HELP, description=CHECK_DESCRIPTION)
    add = checking.add_argument
    add("--kind", required=True, choices=KINDS)
    add("--target", required=True, metavar="NAME", help="the database, or the path")
    add("--contents", type=Path, metavar="FILE", help="as for restore-backup")
    checking.set_defaults(function=check_restored)


def add_restore_arguments(parser: argparse._ActionsContainer) -> None:
    """Options that `run --backup` passes on."""
    add = parser.add_argument
    add("--yes", action="store_true",
        help="what is there may be removed first: MySQL cannot rename databases")  # fmt: skip
    add("--disconnect", action="store_true",
        help="end the connections to a PostgreSQL database that is replaced")  # fmt: skip
    add("--no-owner", action="store_true",
        help="objects of a PostgreSQL dump belong to the user who restores, not to the roles that "
        "the dump names")  # fmt: skip


def restore_backup(options: argparse.Namespace) -> int:
    """Restore; the exit code."""
    reporter = Reporter()
    try:
        with _signals_raise():
            return _restored(options, reporter)
    except (RestoreProblem, OSError) as error:
        complain(f"error: {explained(error)}")
        return error.exit_code if isinstance(error, RestoreProblem) else 1
    except Ended as ended:
        number = int(ended.args[0])
        complain(f"error: ended by {signal.Signals(number).name}")
        return 128 + number


def _restored(options: argparse.Namespace, reporter: Reporter) -> int:
    backup = BackupFile(
        path=options.file,
        checksum=options.checksum,
        size=options.size,
        format=options.format,
        contents=_read(options.contents),
    )
    kind = kind_of(backup.path)
    refuse_other_kind(backup.path, kind, backup.format)
    target = make_target(
        kind,
        options.target,
        backup,
        reporter,
        disconnect=options.disconnect,
        owner_too=not options.no_owner,
    )
    choices = Choices(overwrite=options.overwrite, consent=options.yes)
    carry_out(plan(backup, target, choices, reporter), reporter)
    reporter.say(f"{options.file} is restored in {target.name}.")
    return 0


def check_restored(options: argparse.Namespace) -> int:
    """Check; 0 if the target holds what was recorded, else 1."""
    try:
        backup = BackupFile(path=Path(), contents=_read(options.contents))
        target = make_target(options.kind, options.target, backup, Silent())
        print(check_target(target, backup.contents))
    except (RestoreProblem, OSError) as error:
        complain(f"error: {explained(error)}")
        return 1
    return 0


@contextmanager
def _signals_raise() -> Iterator[None]:
    """In the block, a signal raises `Ended`, so that it is cleaned up; a second does not disturb.

    What was ignored when this process started, as under `nohup`, stays ignored.
    """
    before = {one: signal.getsignal(one) for one in ENDING}
    for one, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(one, _end)
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _end(number: int, frame: FrameType | None) -> None:
    for one in ENDING:
        signal.signal(one, signal.SIG_IGN)
    raise Ended(number)


def _read(file: Path | None) -> Contents:
    if file is None:
        return {}
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RestoreRefused(f"{file} cannot be read as JSON: {error}.") from error
    if not isinstance(found, dict):
        raise RestoreRefused(f"{file} does not hold a JSON object.")
    return found
