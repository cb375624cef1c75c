"""What is printed shows no password. Needs no framework."""

import re

from infrastructure.printable import printable


def one_line(error: BaseException) -> str:
    """The error's text on a single line that a terminal can show, without any password of a URL."""
    text = printable(" ".join(str(error).split())) or type(error).__name__
    return re.sub(r"(\w+://[^:/@\s]*):[^@\s]*@", r"\1:***@", text)


ESCAPED = "with characters such as / @ : # ? in a password written as %2F %40 %3A %23 %3F"
"""How a URL of a database is spelled so that it is read as it is meant."""


def looks_like_more(name: str) -> bool:
    """Whether what was read as a server's database name may be a password, say, of a misspelt URL.

    Names are printed. Nobody calls a database so.
    """
    return any(character in name for character in "@:/")
