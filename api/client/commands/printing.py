"""What the client prints: no control characters of others, a table, one line for an error."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

PROGRAM = "restorelog"


def escaped(text: object, keep: str = "") -> str:
    """The text with its control characters as escapes: it may come from anywhere."""
    return "".join(
        character
        if character in keep or unicodedata.category(character)[0] != "C"
        else character.encode("unicode_escape").decode()
        for character in str(text)
    )


def complain(line: str) -> None:
    """One line on stderr; lost if that cannot be written, which changes nothing else."""
    with suppress(OSError):
        print(f"{PROGRAM}: {escaped(' '.join(line.split()))}", file=sys.stderr, flush=True)


def print_json(document: Any) -> None:
    print(json.dumps(document))


def print_table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Columns as wide as their longest value."""
    lines = [list(head), *([escaped("" if v is None else v) for v in row] for row in rows)]
    widths = [max(len(line[number]) for line in lines) for number in range(len(head))]
    for line in lines:
        padded = (value.ljust(width) for value, width in zip(line, widths))
        print("  ".join(padded).rstrip())


def local_time(text: object) -> str:
    """A time of the service in this machine's zone, which is shown."""
    if not isinstance(text, str):
        return ""
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return text
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S %z")


def duration_text(seconds: object) -> str:
    """`1 h 02 min 05 s`."""
    if not isinstance(seconds, (int, float)):
        return ""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min {rest:02} s"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
