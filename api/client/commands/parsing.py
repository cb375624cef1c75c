"""Parsers of command lines, and the types of arguments."""

from __future__ import annotations

import argparse
import uuid
from typing import Any, NoReturn

from ..clock import BadTime, moment, written

Commands = "argparse._SubParsersAction[Parser]"


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
        return written(moment(text))
    except (BadTime, OverflowError) as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def an_attribute(text: str) -> tuple[str, str]:
    """`NAME=VALUE`."""
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def a_backup(text: str) -> int | str:
    """A backup: its number in the consolidated table, or its UUID."""
    if text.isascii() and text.isdigit():
        return int(text)
    return a_uuid(text)


def a_uuid(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a UUID") from error
