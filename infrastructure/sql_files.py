"""SQL that lives in files of its own, read once."""

from collections.abc import Callable
from functools import cache
from pathlib import Path


def sql_in(folder: Path) -> Callable[..., str]:
    """A function that reads this folder's SQL: `sql("name")` is the text of `name.sql`,
    `sql("postgresql", "name")` that of `postgresql/name.sql`.
    """

    @cache
    def sql(*names: str) -> str:
        return folder.joinpath(*names[:-1], f"{names[-1]}.sql").read_text(encoding="utf-8")

    return sql
