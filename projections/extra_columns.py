"""SQL that reads one column from `extra`, the JSON object of the host's other columns.

A cell is compared as the JSON text in the log, so both databases find the same rows: values are
not converted, and numbers that are too large for the database work too.
"""

from typing import Any, get_args

import msgspec
from django.db.backends.signals import connection_created
from django.db.models import F, Func, QuerySet, TextField, Value

from domain.values import Kind

NUL = ("\\u0000", "\\u2400")
"""PostgreSQL cannot parse JSON that contains a NUL. There U+2400, its symbol, stands in for it."""
_raw = msgspec.json.Decoder(dict[str, msgspec.Raw])


class Cell(Func):
    """The JSON text of a column in `extra`; NULL where the row has no such column."""

    output_field = TextField()
    template = "restorelog_extra(%(expressions)s)"

    def __init__(self, name: str) -> None:
        super().__init__(F("extra"), Value(name))
        self.name = name

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        sql, parameters = compiler.compile(self.source_expressions[0])
        return f"(replace({sql}, %s, %s)::json -> %s)::text", (*parameters, *NUL, self.name)


def having(rows: QuerySet[Any], name: str, asked: str) -> QuerySet[Any]:
    """The rows whose column in `extra` reads like `asked`: see `json_spellings`."""
    found: QuerySet[Any] = rows.alias(_cell=Cell(name)).filter(_cell__in=json_spellings(asked))
    return found


def without(rows: QuerySet[Any], name: str, absent: bool) -> QuerySet[Any]:
    """The rows whose column in `extra` is NULL or missing; the others unless `absent`."""
    rows = rows.alias(_cell=Cell(name))
    null = rows.filter(_cell="null") | rows.filter(_cell__isnull=True)
    return null if absent else rows.exclude(_cell="null").exclude(_cell__isnull=True)


def json_spellings(asked: str) -> list[str]:
    """Every JSON text that this may mean: the text itself, a number or boolean, a tagged value.

    `true` also means 1 and `false` 0, and the other way round, since SQLite and MySQL have no
    boolean type.
    """
    text = msgspec.json.encode(asked).decode()
    found = [text, *(f'{{"$":"{kind}","v":{text}}}' for kind in get_args(Kind))]
    if asked.lower() in ("true", "1"):
        found += ["true", "1"]
    elif asked.lower() in ("false", "0"):
        found += ["false", "0"]
    elif _whole(asked):
        found.append(str(int(asked)))
    return list(dict.fromkeys(spelling.replace(*NUL) for spelling in found))


def _whole(asked: str) -> bool:
    digits = asked.removeprefix("-")
    return digits.isascii() and digits.isdecimal() and len(digits) <= 1000


def _cell(extra: str, name: str) -> str | None:
    """SQLite's `restorelog_extra`."""
    try:
        cell = _raw.decode(extra).get(name)
    except msgspec.DecodeError:
        return None
    return None if cell is None else bytes(cell).decode().replace(*NUL)


def teach_extra(sender: Any, connection: Any, **kwargs: Any) -> None:
    """Register on a new SQLite connection the function that PostgreSQL has built in."""
    if connection.vendor == "sqlite":
        connection.connection.create_function("restorelog_extra", 2, _cell, deterministic=True)


def listen() -> None:
    """Register the function on every new connection."""
    connection_created.connect(teach_extra)
