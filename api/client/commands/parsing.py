"""Parsers of command lines, and the types of arguments."""

from __future__ import annotations

import argparse
import re
import uuid
from typing import Any, NoReturn

from ..clock import BadTime, time_of, written

NAME_LONGEST, TARGET_LONGEST, VALUE_LONGEST = 255, 100, 1000
"""Characters that the log's columns can hold."""


COLUMNS = frozenset(
    {
        *("id", "restore_id", "name", "source_backup", "source_backup_id", "backup_id", "status"),
        *("restore_type", "restore_method", "trigger_type", "target_database", "is_overwrite"),
        *("started_at", "completed_at", "duration_seconds", "message", "created_by"),
        *("created_by_id", "created_by_username", "created_at", "updated_at", "origin", "version"),
        *("amended", "extra", "attributes", "validation", "warnings_count"),
    }
)
"""Names that no attribute can have, because a row has them already."""

ABSENT = "_isnull"
"""How the names of filters end that find rows without an attribute."""


class Parser(argparse.ArgumentParser):
    """Help texts keep their lines; a wrong command line ends with `error_code`."""

    error_code = 2

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        kwargs.setdefault("allow_abbrev", False)
        super().__init__(**kwargs)

    def error(self, message: str) -> NoReturn:
        self.print_usage()
        self.exit(self.error_code, f"{self.prog}: {message}\n")


def a_time(text: str) -> str:
    """A time, as it is sent: ISO 8601 in UTC."""
    try:
        return written(time_of(text))
    except (BadTime, OverflowError) as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def an_attribute(text: str) -> tuple[str, str]:
    """`NAME=VALUE`."""
    name, equals, value = text.partition("=")
    if not equals or not re.fullmatch(r"[A-Za-z_][\w.-]{0,63}", name, re.ASCII):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    if name in COLUMNS:
        raise argparse.ArgumentTypeError(f"{name} is the name of a column")
    if name.endswith(ABSENT):
        raise argparse.ArgumentTypeError(f"{name} ends in {ABSENT}, which filters use")
    return name, _fitting(value, VALUE_LONGEST) if value else ""


def a_name(text: str) -> str:
    return _fitting(text, NAME_LONGEST)


def a_target(text: str) -> str:
    return _fitting(text, TARGET_LONGEST)


def _fitting(text: str, longest: int) -> str:
    """What does not fit is refused here, before anything has started."""
    if not text or len(text) > longest:
        raise argparse.ArgumentTypeError(f"it needs 1 to {longest} characters")
    return text


def a_backup(text: str) -> int | str:
    """A backup: its number in the consolidated table, or its UUID."""
    if text.isascii() and text.isdigit():
        return int(text)
    try:
        return str(uuid.UUID(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a number nor a UUID") from error


def a_uuid(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a UUID") from error
