"""The queries that are longer than a line, by file name."""

from pathlib import Path

FOLDER = Path(__file__).parent


def query(name: str) -> str:
    """The text of `name`.sql."""
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")
