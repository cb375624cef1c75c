"""Characters that a screen would obey, or hide, instead of showing them."""

import unicodedata

OBEYED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode's categories of them: control (C0 and C1), format (the bidirectional ones and those of
no width included), halves of surrogate pairs, private, unassigned, and other breaks of a line."""


def is_shown(character: str) -> bool:
    """Whether this character is shown as what it is, a space included."""
    return unicodedata.category(character) not in OBEYED
