"""Recognises characters that a terminal obeys or hides instead of showing them."""

import unicodedata

OBEYED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Their categories in Unicode: control (C0 and C1), format (with bidirectional and zero-width
characters), surrogate, private use, unassigned, and line and paragraph separators."""


def is_shown(character: str) -> bool:
    """Whether this character is shown as it is. A space is."""
    return unicodedata.category(character) not in OBEYED
