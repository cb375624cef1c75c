"""Error texts without passwords or the content of rows. Needs no framework."""

import re
from typing import Any

from infrastructure.printable import printable

DRIVERS = frozenset({"sqlite3", "psycopg", "psycopg_pool", "pymysql", "ssl", "socket"})

_OF_A_ROW = re.compile(
    r"\n(?:CONTEXT|DETAIL|QUERY|STATEMENT|LINE \d+):.*"  # what PostgreSQL adds to its message
    r"|\s+with text '.*"  # SQLite, of text that is not UTF-8
    r"|(?<=value): '.*'",  # MySQL, of a value that does not fit
    re.DOTALL,
)
_BAD_VALUES = "22"
"""The class of PostgreSQL's errors about a value, which they repeat after a colon."""


def one_line(error: BaseException) -> str:
    """The error's text on a single line that a terminal can show: no password, no row's content."""
    return in_one_line(_said(error)) or type(error).__name__


def in_one_line(text: str) -> str:
    """A text on a single line that a terminal can show, without the passwords in URLs."""
    text = printable(" ".join(text.split()))
    return re.sub(r"(\w+://[^:/@\s]*):[^@\s]*@", r"\1:***@", text)


def driver_says(error: BaseException) -> str:
    """Why a driver could not read, in one line.

    Errors that are not a driver's own, such as a decoder's, may repeat the value that could not be
    read. So only their class is shown.
    """
    if type(error).__module__.partition(".")[0] not in DRIVERS and not isinstance(error, OSError):
        return f"its answer or a value in it could not be read ({type(error).__name__})"
    return one_line(error)


def _said(error: BaseException) -> str:
    match error.args:
        case (int(number), str(words)) if type(error).__module__.startswith("pymysql"):
            return f"{_OF_A_ROW.sub('', words)} (error {number})"
    for one in (error, error.__cause__):
        diagnosis: Any = getattr(one, "diag", None)
        message: str = getattr(diagnosis, "message_primary", None) or ""
        if message:
            about_a_value = str(diagnosis.sqlstate or "").startswith(_BAD_VALUES)
            return message.partition(": ")[0] if about_a_value else message
    return _OF_A_ROW.sub("", str(error))


ESCAPED = "with characters such as / @ : # ? in a password written as %2F %40 %3A %23 %3F"
"""How to write special characters in a database URL."""


def looks_like_more(name: str) -> bool:
    """Whether a database name may contain another part of a misspelt URL, such as the password.

    Names are printed. A real database name does not contain these characters.
    """
    return any(character in name for character in "@:/")
