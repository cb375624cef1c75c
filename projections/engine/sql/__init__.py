"""The engine's longer SQL, one statement per file, in a folder per database."""

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@cache
def sql(vendor: str, name: str) -> str:
    """The text of `<vendor>/<name>.sql`; `vendor` is Django's name for the database."""
    return (FOLDER / vendor / f"{name}.sql").read_text()
