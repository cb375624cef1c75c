"""The output of `restores`: the table, what it shows, and why it is empty."""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Any

from rich.text import Text

from api.management.base import counted
from api.management.fitted_table import Column, fitted_table
from api.management.restore_filters import RestoreChoice
from api.management.shell_zone import day_and_time, local, offset, zone_name, zoned
from api.management.spoken_times import briefly
from infrastructure.printable import printable
from projections.database_management.models import RestoreLog as LegacyRestoreLog

COUNTED = 1_000
"""Rows are counted up to here, to say which filter takes them away."""


def restore_table(rows: list[Any], zone: tzinfo, width: int | None) -> Text:
    """The rows as a table; a terminal's narrowness drops columns before it cuts names."""
    started, since = _started(rows, zone)
    return fitted_table(
        [
            Column("id", [str(row["id"]) for row in rows]),
            Column(started, since),
            Column("took", _texts(rows, "duration_seconds", briefly), expendable=1),
            Column("status", _texts(rows, "status"), least=11),
            *_if_any("checked", rows, "validation", expendable=0),
            *_if_any("warnings", rows, "warnings_count", expendable=0),
            *_if_any("type", rows, "restore_type", expendable=3),
            Column("target", _texts(rows, "target_database"), least=8),
            Column("by", _texts(rows, "created_by_username"), least=6, expendable=2),
            Column("name", _texts(rows, "name"), least=12),
        ],
        width,
    )


def _texts(rows: list[Any], column: str, said: Any = str) -> list[str]:
    return ["-" if row[column] in (None, "") else said(row[column]) for row in rows]


def _if_any(name: str, rows: list[Any], column: str, *, expendable: int) -> Iterator[Column]:
    """The column, unless no row has anything in it."""
    if any(row.get(column) is not None for row in rows):
        yield Column(name, _texts(rows, column), least=6, expendable=expendable)


def _started(rows: list[Any], zone: tzinfo) -> tuple[str, list[str]]:
    """The column's name and cells. One offset stands in its name; several, at each time."""
    times: list[datetime | None] = [
        None if row["started_at"] is None else local(row["started_at"], zone) for row in rows
    ]
    offsets = {offset(one) for one in times if one is not None}
    if len(offsets) > 1:
        return "started", ["-" if one is None else zoned(one, zone) for one in times]
    told = "-".join(offsets) or zone_name(zone)
    return f"started ({told})", ["-" if one is None else day_and_time(one) for one in times]


def under_list(choice: RestoreChoice, count: int, *, more: bool) -> Text:
    """How many rows there are, and how the times were understood."""
    kind = "restore of the legacy table" if choice.model is LegacyRestoreLog else "restore"
    told = [f"The newest {count:,} are shown; --limit shows more."] if more else []
    told = told or [f"{counted(count, kind) if kind == 'restore' else f'{count:,} {kind}'}."]
    return Text("\n".join([*told, *_understood(choice)]))


def _understood(choice: RestoreChoice) -> Iterator[str]:
    """The times that were given, as they were read."""
    read = [f"{one.typed} is {one.told}" for one in choice.wishes if one.told]
    zone = f"Times are in your time zone, {zone_name(choice.zone)}"
    yield printable(". ".join([*read, zone]) + ".")


def none_found(choice: RestoreChoice) -> Text:
    """Why the list is empty, and what to do."""
    rows = choice.model.objects.all()
    if not rows.exists():
        return Text("\n".join(_nothing_there(choice)))
    if not choice.wishes:
        return Text("--limit 0 shows no restore.")
    return Text("\n".join(printable(line) for line in _taken_away(choice)))


def _nothing_there(choice: RestoreChoice) -> Iterator[str]:
    if choice.model is LegacyRestoreLog:
        yield "The legacy table is empty. To import a host: manage.py import_host"
    elif LegacyRestoreLog.objects.exists():
        yield "The consolidated table is empty. The legacy one is not: manage.py restores --legacy"
    else:
        yield "No restore is recorded yet."
        yield "To import those that a host knows: manage.py import_host --source URL"
        yield "To run one and record it: manage.py run_restore --name NAME -- COMMAND"
        yield "To record one over REST: POST /api/v1/restores/"


def _taken_away(choice: RestoreChoice) -> Iterator[str]:
    """Which filter takes the rows away."""
    yield "No restore matches."
    yield from _understood(choice)
    if len(choice.wishes) == 1:
        yield f"Without {choice.wishes[0].typed} there are {_number(choice.chosen([]))}."
        return
    others = [
        (one, choice.chosen([other for other in choice.wishes if other is not one]))
        for one in choice.wishes
    ]
    helping = [(one, rows) for one, rows in others if rows.exists()]
    for one, rows in helping:
        yield f"Without {one.typed} there would be {_number(rows)}."
    if not helping:
        for one in choice.wishes:
            yield f"With {one.typed} alone there would be {_number(choice.chosen([one]))}."


def _number(rows: Any) -> str:
    count = rows.order_by()[:COUNTED].count()
    return f"{count:,} or more" if count == COUNTED else f"{count:,}"
