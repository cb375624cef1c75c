"""The types of what a command is told: wrong values are refused while the line is read."""

from argparse import ArgumentTypeError
from collections.abc import Callable


def at_least(least: int) -> Callable[[str], int]:
    """The type of an option that takes a whole number of `least` or more."""

    def number(text: str) -> int:
        try:
            value = int(text)
        except ValueError as error:
            raise ArgumentTypeError(f"{text!r} is no whole number") from error
        if value < least:
            raise ArgumentTypeError(f"{value} is too small: {least} or more is needed")
        return value

    return number
