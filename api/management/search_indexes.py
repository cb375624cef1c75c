"""Search indexes that a command has made, for people and for programs."""

from collections.abc import Mapping
from typing import Any

from projections.engine.search import SearchIndex


def search_shown(made: Mapping[str, SearchIndex]) -> dict[str, Any]:
    """By label: the seconds that it took, and its size in bytes."""
    return {
        label: {"seconds": round(one.seconds, 3), "bytes": one.bytes} for label, one in made.items()
    }


def search_lines(made: Mapping[str, SearchIndex]) -> list[str]:
    """A line for each that took a second or more."""
    return [
        f"{label} has its search index: {one.seconds:.1f} s, {one.bytes / 1e6:,.1f} MB"
        for label, one in made.items()
        if one.seconds >= 1
    ]
