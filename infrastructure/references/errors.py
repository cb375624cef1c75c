"""Why a source tree, or one of its files, cannot be read."""

from pathlib import Path

from domain.errors import RestoreLogError
from domain.messages import remedy


class NoSourceTree(RestoreLogError):
    """There is nothing to search in."""

    code = "no_source_tree"

    def __init__(self, root: Path, why: str) -> None:
        super().__init__(
            f"{root} {why}. Name the folder that holds the product's source: ",
            remedy(source="TREE"),
        )


class UnreadableSource(Exception):
    """One file cannot be read; the message says why. The search goes on without it."""
