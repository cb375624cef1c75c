"""Text made safe to print: a terminal shows it and does not obey it. Needs no framework.

A host's names and messages, a login, a reason or a file's name may contain escape sequences, line
breaks that would look like an entry of their own, and characters that reverse the text. They are
shown as Python and JSON spell them: `\\x1b`, `\\n`, `\\u202e`.
"""

import re
from typing import Any

import msgspec

from domain.text import is_shown

_PLAIN = re.compile(r"[ -~]*")


def printable(text: str, *, keep: str = "") -> str:
    """The text in one line, with every character that a terminal would obey spelled out.

    Characters in `keep` are not changed, such as the line break for text of several lines.
    """
    if _PLAIN.fullmatch(text):
        return text
    return "".join(
        c if c in keep or is_shown(c) else c.encode("unicode_escape").decode() for c in text
    )


def json_text(result: Any) -> str:
    """JSON of the same meaning, without a character that a terminal would obey.

    JSON cannot contain a host's bytes that are not UTF-8 and were read as lone surrogates. They
    are spelled out: `\\xff`.
    """
    try:
        text = msgspec.json.encode(result).decode()
    except UnicodeEncodeError:
        text = msgspec.json.encode(_spelled_out(result)).decode()
    return text if text.isascii() and "\x7f" not in text else "".join(map(_in_json, text))


def _spelled_out(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return value.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        except UnicodeEncodeError:
            return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_spelled_out(key): _spelled_out(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set):
        return [_spelled_out(one) for one in value]
    return value


def _in_json(character: str) -> str:
    if is_shown(character):
        return character
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[n : n + 2].hex()}" for n in range(0, len(units), 2))
