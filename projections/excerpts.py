"""Excerpts of values for people to compare: long texts are cut to the part that differs."""

from typing import Any

LONGEST = 500
"""Longer values are cut to this many characters."""


def side_by_side(one: Any, other: Any) -> tuple[Any, Any]:
    """Two values that differ, each cut around the first place where they do."""
    start = 0
    if isinstance(one, str) and isinstance(other, str):
        pairs = zip(one, other, strict=False)
        start = next((n for n, (x, y) in enumerate(pairs) if x != y), min(len(one), len(other)))
    return cut(one, start), cut(other, start)


def cut(value: Any, around: int = 0) -> Any:
    """A long text, cut to the part around this index."""
    if not isinstance(value, str) or len(value) <= LONGEST:
        return value
    start = max(around - 50, 0)
    part = value[start : start + LONGEST - 100]
    return f"{'…' if start else ''}{part}… ({len(value)} characters)"


def one_line_value(value: Any) -> str:
    """A value for a line of text."""
    text = "NULL" if value is None else repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:60]}… ({len(text)} characters)"
