"""Standard input, output and error, which whoever starts a program may have closed."""

from __future__ import annotations

import os
import sys

NAMES = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))


def open_closed() -> None:
    """Open those that are closed on nothing, before any other file is opened.

    The next file would get such a number, and what is printed would be written into it.
    """
    for number, (name, mode) in enumerate(NAMES):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
            setattr(sys, name, os.fdopen(number, mode, closefd=False))
