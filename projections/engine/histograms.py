"""Histograms: how often each of some numbers occurred. They can be added, and taken away again."""

from collections.abc import Mapping

import msgspec

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[int]).decode


class Histogram:
    """How often each number occurred; immutable. One in which all counts are zero is false.

    `text` is its form in a table: a JSON list of each number and its count, in the order of the
    numbers, so that equal histograms have the same text.
    """

    __slots__ = ("counts",)

    def __init__(self, counts: Mapping[int, int]) -> None:
        self.counts = {number: count for number, count in counts.items() if count}

    @classmethod
    def read(cls, text: str) -> "Histogram":
        """The histogram with this text."""
        flat = _decode(text)
        return cls(dict(zip(flat[::2], flat[1::2], strict=True)))

    @property
    def text(self) -> str:
        return _encode([one for pair in sorted(self.counts.items()) for one in pair]).decode()

    def __add__(self, other: "Histogram") -> "Histogram":
        counts = dict(self.counts)
        for number, count in other.counts.items():
            counts[number] = counts.get(number, 0) + count
        return Histogram(counts)

    def __neg__(self) -> "Histogram":
        return Histogram({number: -count for number, count in self.counts.items()})

    def __bool__(self) -> bool:
        return bool(self.counts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Histogram) and self.counts == other.counts

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Histogram({self.counts})"
