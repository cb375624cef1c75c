"""What the terminal's words for what to do are called elsewhere.

Errors name the options and commands of `manage.py`, for whoever sits there. What has no member
or route here, such as a verification, is done there, and goes on being called by its command.
"""

import re

IN_REST = {
    r"--accept-quarantined (\d+) --reason TEXT": r"accept_quarantined (\1) and reason in the body",
    r"--reason TEXT": "reason in the body",
    r"manage\.py (cut_over|roll_back|retire)\b": r"POST /api/v1/consolidation/\1/",
    r"run again with --(accept-fingerprint|allow-deletions)\b": r"run: manage.py import_host --\1",
}
"""Members of the body, and routes."""

ON_PAGES = {
    **IN_REST,
    r"--accept-quarantined (\d+) --reason TEXT": r"\1 below, and why",
    r"--reason TEXT": "below",
    r"manage\.py (cut_over|roll_back|retire)\b": r"/consolidation/\1/",
}
"""Fields of the form, and pages."""


def reworded(text: str, words: dict[str, str]) -> str:
    """`text` with each of the patterns in `words` put in other words."""
    for said, instead in words.items():
        text = re.sub(said, instead, text)
    return text
