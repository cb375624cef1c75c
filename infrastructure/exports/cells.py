"""Cells that a spreadsheet would run are made harmless, and can be told from the original.

A spreadsheet runs a cell that begins like a formula: with `=`, `+`, `-` or `@`, also in their full
width, and after white space or characters that it skips. Where the semicolon separates cells, as
in many European countries, a text goes on in a new cell after each semicolon. So an apostrophe is
put in front of a text that could be run, and within a text after a semicolon. To an apostrophe that
stands in such a place already, another one is added. A reader therefore has the original by taking
away one apostrophe, if there is one, at the beginning and after each semicolon.
"""

import re

GUARD = "'"
SEPARATOR = ";"
_RUN = re.compile(
    # Whatever a program may skip: white space, controls, marks without width.
    r"[\s\x00-\x20\x7f-\xa0\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]*"
    r"[=+\-@\uff1d\uff0b\uff0d\uff20\ufe62-\ufe63\ufe66\ufe6b\u207a-\u207c\u208a-\u208c\u2212]"
    r"|[\t\r\n']"
)


def harmless(text: str) -> str:
    """The text as a cell may have it."""
    return SEPARATOR.join(
        GUARD + part if _RUN.match(part) else part for part in text.split(SEPARATOR)
    )


def original(cell: str) -> str:
    """The text that a cell was made of."""
    return SEPARATOR.join(part.removeprefix(GUARD) for part in cell.split(SEPARATOR))
