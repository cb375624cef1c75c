"""Types of command-line arguments: wrong values are refused while the line is parsed."""

from argparse import ArgumentTypeError
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from domain.errors import RestoreLogError


class OptionsDoNotFit(RestoreLogError):
    """Options that cannot be combined: one of them would be ignored."""

    code = "options_do_not_fit"


def at_least(least: int) -> Callable[[str], int]:
    """The type of an option that takes a whole number, `least` or more."""

    def number(text: str) -> int:
        try:
            value = int(text)
        except ValueError as error:
            raise ArgumentTypeError(f"{text!r} is not a whole number") from error
        if value < least:
            raise ArgumentTypeError(f"{value} is too small: {least} or more is needed")
        return value

    return number


def folder(text: str) -> Path:
    """The type of an option that takes a folder, which may be the present one."""
    if not text.strip():
        raise ArgumentTypeError("it needs the name of a folder")
    return Path(text).absolute()


def refuse_nonsense(options: Mapping[str, Any]) -> None:
    """Raise `OptionsDoNotFit` for an empty file name, for example from an unset shell variable,
    and for bytes that are not UTF-8, which neither the log nor a document could hold.
    """
    for name, value in options.items():
        option = f"--{name.replace('_', '-')}"
        if isinstance(value, Path) and not value.name:
            raise OptionsDoNotFit(f"{option} needs a file name.")
        try:
            str(value).encode()
        except UnicodeEncodeError as error:
            raise OptionsDoNotFit(f"{option} is not valid UTF-8.") from error
