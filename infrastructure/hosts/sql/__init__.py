"""The importer's SQL on the service's own database, one statement per file."""

from functools import cache
from pathlib import Path


@cache
def sql(name: str) -> str:
    """The text of `<name>.sql`."""
    return (Path(__file__).parent / f"{name}.sql").read_text()
