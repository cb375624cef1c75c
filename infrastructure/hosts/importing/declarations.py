"""What somebody declares about rows that look like copies of legacy rows."""

from collections.abc import Sequence
from typing import Final, Literal

from infrastructure.hosts.errors import HandCopiedRows, RowsNotDeclarable
from infrastructure.hosts.importing.hand_copies import HandCopy

ALL: Final = "all"
Pair = tuple[int, int]
"""The ids of a legacy row and of a row of the consolidated table."""
Declared = Literal["all"] | frozenset[Pair]
"""All rows that look like copies, or these pairs."""


class Declarations:
    """Sorts the rows that look like copies by what was declared."""

    def __init__(self, same_rows: Declared | None, not_the_same: Declared | None) -> None:
        if same_rows == ALL and not_the_same == ALL:
            raise RowsNotDeclarable("All rows cannot be both the same and not the same")
        self.same_rows = same_rows
        self.not_the_same = not_the_same
        self.same: list[Pair] = []
        self.different: list[Pair] = []

    def settle(self, table: str, found: Sequence[HandCopy]) -> None:
        """Fill `same` and `different`. Raises `HandCopiedRows` if rows are left of which nothing
        was declared, and `RowsNotDeclarable` for a pair that the import does not find."""
        pairs = [(one.legacy, one.copy) for one in found]
        self._refuse_others(pairs)
        left = []
        for one, pair in zip(found, pairs, strict=True):
            if self._covers(self.same_rows, pair, self.not_the_same):
                self.same.append(pair)
            elif self._covers(self.not_the_same, pair, self.same_rows):
                self.different.append(pair)
            else:
                left.append((*pair, one.differing))
        if left:
            raise HandCopiedRows(table, left)

    @staticmethod
    def _covers(declared: Declared | None, pair: Pair, other: Declared | None) -> bool:
        """Whether a pair was declared so: by itself, or with all that the other list leaves."""
        if isinstance(declared, frozenset):
            return pair in declared
        return declared == ALL and not (isinstance(other, frozenset) and pair in other)

    def _refuse_others(self, pairs: Sequence[Pair]) -> None:
        for declared in (self.same_rows, self.not_the_same):
            others = declared - set(pairs) if isinstance(declared, frozenset) else set()
            if others:
                legacy, copy = min(others)
                raise RowsNotDeclarable(
                    f"{len(others):,} of the declared pairs are not new rows that look like copies "
                    f"of legacy rows, first the legacy row {legacy} with the row {copy}"
                )
        if isinstance(self.same_rows, frozenset) and isinstance(self.not_the_same, frozenset):
            both = self.same_rows & self.not_the_same
            if both:
                raise RowsNotDeclarable(f"{len(both):,} pairs are declared the same and not")


def read_pairs(text: str) -> frozenset[Pair]:
    """The pairs of a file: on each line a legacy id and the id of the other row. Raises
    `RowsNotDeclarable`. Lines that begin with # are comments."""
    pairs = set()
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.replace(",", " ").split()
        if not words or words[0].startswith("#"):
            continue
        if len(words) != 2 or not all(word.isascii() and word.isdigit() for word in words):
            raise RowsNotDeclarable(
                f"Line {number} of the file of pairs is not a legacy id and the copy's id"
            )
        pairs.add((int(words[0]), int(words[1])))
    return frozenset(pairs)
