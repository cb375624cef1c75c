"""A registered backup, and the command that restores it: what `run --backup` runs by itself."""

from __future__ import annotations

import json
import os
import shlex
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..restoring.kinds import DIRECTORY, SQLITE, TAR, kind_of
from ..restoring.problems import RestoreProblem
from ..restoring.this_program import this_program
from ..transport import Body, ClientError, NotReached, Transport
from .restoring import CHECK_RESTORED, RESTORE_BACKUP

TYPES = ("database", "files", "full", "custom")
"""Of restores. A backup's type that is one of them is the restore's as well."""
ON_DISK = (SQLITE, DIRECTORY, TAR)
"""Kinds whose target is a path."""
EXPIRED = "expired"
PATIENCE, SHORTEST_WAIT = 30.0, 0.2
"""Seconds that a busy log is asked again."""
PASSED_ON = ("yes", "disconnect", "no_owner")
"""Options of `restore-backup` that `run` has as well."""


@dataclass(frozen=True)
class PreparedCommand:
    """What to run, and a line for the shell that checks it; `check_name` is what people call it."""

    words: list[str]
    check: str
    check_name: str


def find_backup(options: Mapping[str, Any], transport: Transport) -> Body | None:
    """What the log knows of the backup of the options.

    A command of the user's own runs without it: for that, None if the log cannot be reached, or if
    a UUID says already which backup is meant. Raises `NotReached` if it is needed, and
    `RefusedForGood` if there is no such backup, or if two have the id.
    """
    backup, own = options["backup"], options["words"]
    if backup is None or (own and not isinstance(backup, int)):
        return None
    try:
        return _asked(transport, str(backup), patience=0 if own else PATIENCE)
    except NotReached as error:
        if own:
            return None
        raise NotReached(f"Not started: only the log knows where the backup is. {error}") from error


def _asked(transport: Transport, backup: str, patience: float) -> Body:
    """Ask, and again when a busy log says, but not for longer than `patience` in seconds."""
    deadline = time.monotonic() + patience
    while True:
        try:
            return transport.backup_source(backup)
        except NotReached as error:
            if error.wait is None or time.monotonic() + error.wait > deadline:
                raise
            time.sleep(max(error.wait, SHORTEST_WAIT))


@contextmanager
def command_for(options: Mapping[str, Any], backup: Body | None) -> Iterator[PreparedCommand]:
    """The command of the options; without one, the command that restores their backup.

    What was recorded of the backup's contents is in a file for as long as the block lasts. Raises
    `ClientError` if there is nothing to run.
    """
    if options["words"]:
        _refuse_what_a_backup_needs(options)
        yield PreparedCommand(options["words"], options["check"], options["check"])
        return
    if backup is None:
        raise ClientError(
            "Say what to run, after --, or which registered backup to restore, with --backup."
        )
    if backup["status"] == EXPIRED:
        raise ClientError(
            f"The backup {backup['backup_id']} has expired: it can no longer be restored from."
        )
    if not (options["file"] or backup["file_path"]):
        raise ClientError(
            f"The log does not say where the backup {backup['backup_id']} is. Say it with --file."
        )
    with _contents_file(backup["contents"]) as contents:
        yield _command(options, backup, contents)


def details_of_backup(options: Mapping[str, Any], backup: Body | None) -> Body:
    """Members of the request that follow from the backup."""
    if backup is None:
        return {}
    details: Body = {"source_backup": backup["backup_id"]}
    if not options["words"] and options["type"] is None and backup["backup_type"] in TYPES:
        details["restore_type"] = backup["backup_type"]
    return details


def _command(options: Mapping[str, Any], backup: Body, contents: list[str]) -> PreparedCommand:
    path = Path(options["file"] or backup["file_path"])
    try:
        kind = kind_of(path)
    except RestoreProblem:
        kind = ""  # the restore will fail for the same reason, and that is recorded
    on_disk = kind in ON_DISK
    target = options["target_database"] or ("" if on_disk else backup["database_name"])
    if not target:
        what = "path" if on_disk else "database or path"
        raise ClientError(f"Name with --target the {what} that the backup {path} is restored to.")
    if on_disk:
        target = os.path.abspath(target)
    words = [*this_program(), RESTORE_BACKUP, f"--file={path}", f"--target={target}"]
    words += [f"--{name.replace('_', '-')}" for name in ("overwrite", *PASSED_ON) if options[name]]
    for name in ("checksum", "format"):
        if backup[name]:
            words.append(f"--{name}={backup[name]}")
    if backup["size_bytes"] is not None:
        words.append(f"--size={backup['size_bytes']}")
    words += contents
    check = shlex.join(
        [*this_program(), CHECK_RESTORED, f"--kind={kind}", f"--target={target}", *contents]
    )
    if not kind:
        return PreparedCommand(words, options["check"], options["check"])
    if not options["check"]:
        return PreparedCommand(words, check, CHECK_RESTORED)
    # The line's end closes a comment that somebody's own check may end with.
    both = f"{check} && (\n{options['check']}\n)"
    return PreparedCommand(words, both, f"{CHECK_RESTORED} && {options['check']}")


def _refuse_what_a_backup_needs(options: Mapping[str, Any]) -> None:
    given = [f"--{name.replace('_', '-')}" for name in ("file", *PASSED_ON) if options[name]]
    if given:
        raise ClientError(
            f"{given[0]} is for restoring a registered backup, which is done without a command."
        )


@contextmanager
def _contents_file(contents: Mapping[str, int | None]) -> Iterator[list[str]]:
    """The option that names a file with these contents, which only this user can read."""
    if not contents:
        yield []
        return
    name = ""
    try:
        number, name = tempfile.mkstemp(prefix="restorelog-", suffix=".json")
        with open(number, "w", encoding="utf-8") as file:
            json.dump(contents, file)
    except OSError as error:
        if name:
            os.unlink(name)
        raise ClientError(f"A temporary file could not be written: {error.strerror}.") from error
    try:
        yield [f"--contents={name}"]
    finally:
        os.unlink(name)
