"""Reading one column out of `extra`, the JSON object of the host's other columns, in SQL.

A cell is compared as the JSON text that stands there, which is the log's own spelling, so both
databases find the same: nothing is converted, and a number beyond the database's own is one too.
"""

from typing import Any, get_args

import msgspec
from django.db.backends.signals import connection_created
from django.db.models import F, Func, QuerySet, TextField, Value

from domain.values import Kind

NUL = ("\\u0000", "\\u2400")
"""PostgreSQL cannot take JSON apart that has a NUL in it: there it is compared as its picture."""
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
    """The rows whose column in `extra` is NULL, or is not there; or the others."""
    rows = rows.alias(_cell=Cell(name))
    null = rows.filter(_cell="null") | rows.filter(_cell__isnull=True)
    return null if absent else rows.exclude(_cell="null").exclude(_cell__isnull=True)


def json_spellings(asked: str) -> list[str]:
    """Every JSON text that this means: the text itself, a number or truth, a tagged value.

    `true` is also a 1 and `false` a 0, and the other way round, since SQLite and MySQL have no
    truth of their own.
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
    """Give a new connection to SQLite the function that PostgreSQL has built in."""
    if connection.vendor == "sqlite":
        connection.connection.create_function("restorelog_extra", 2, _cell, deterministic=True)


def listen() -> None:
    """From now on, for every connection."""
    connection_created.connect(teach_extra)
