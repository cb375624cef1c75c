"""Where versions are found that were valid at a position, in any order, without reading the others.

Each version is in one of two groups. Those that stay have a `block`, the part of the log in which
they begin. Indexes begin with it, so that a list as of a position reads the blocks up to there,
each in the list's order, and never a later one. Nearly all versions that begin there are still
valid, or were for long.

Those that pass, such as a restore that is running, would be in the way: most of them ended long
ago. They have a `cell` instead: the smallest part of the log in which they begin and end, of a few
sizes, each 16 times the one before. Only those in the cells around a position can be valid there,
and one that lasts for a few events is in a small cell.
"""

BLOCK = 2**17
"""Positions in a block."""

SIZES = range(12, 64, 4)
"""The cells' sizes: each a number of positions, as a power of two."""

OPEN = 0
"""The cell of versions that are still valid."""


def block_of(valid_from: int) -> int:
    """The block of a version that stays."""
    return valid_from // BLOCK


def blocks(position: int) -> range:
    """The blocks of all versions that stay and were valid at a position."""
    return range(block_of(position) + 1)


def cell_of(valid_from: int, valid_to: int | None) -> int:
    """The cell of a version that passes."""
    if valid_to is None:
        return OPEN
    last = valid_to - 1
    return next(_cell(last, size) for size in SIZES if valid_from >> size == last >> size)


def cells(position: int) -> list[int]:
    """The cells of all versions that pass and were valid at a position."""
    return [OPEN, *(_cell(position, size) for size in SIZES)]


def _cell(position: int, size: int) -> int:
    return (position >> size) << 6 | size
