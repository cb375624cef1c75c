"""How a table is declared, on SQLite."""

from __future__ import annotations

import re

# --- The text from here on is the same in every migration. ---

TOKEN = re.compile(
    r"\"(?:[^\"]|\"\")*\"|'(?:[^']|'')*'|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|/\*.*?\*/|\s+|\w+|.",
    re.DOTALL,
)


def referring(declared: str, column: str, old: str, new: str) -> str:
    """A table's declaration with another table after REFERENCES, for one of its columns."""
    text: list[str] = []
    words: list[str] = []  # of the column or constraint that is being declared
    depth = 0
    for token in TOKEN.findall(declared):
        depth += {"(": 1, ")": -1}.get(token, 0)
        if (token == "(" and depth == 1) or (token == "," and depth == 1):
            words = []
        elif not token.isspace() and not token.startswith(("--", "/*")):
            plain = _plain(token)
            refers = bool(words) and words[-1].upper() == "REFERENCES"
            if refers and plain.lower() == old.lower() and _is_of(words, column):
                token = token.replace(plain, new)
            words.append(token)
        text.append(token)
    return "".join(text)


def _is_of(words: list[str], column: str) -> bool:
    """Whether this is the declaration of a column, or of a foreign key of this column."""
    named = words[0]
    if named.upper() in ("CONSTRAINT", "FOREIGN"):
        upper = [word.upper() for word in words]
        named = words[upper.index("FOREIGN") + 3] if "FOREIGN" in upper else ""
    return _plain(named).lower() == column.lower()


def _plain(token: str) -> str:
    return token[1:-1] if token[:1] in ('"', "`", "[") else token
