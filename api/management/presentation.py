"""Output of an event and its changes, as JSON and as a line for the terminal."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, TextField
from django.db.models.functions import Length, Substr
from rich.text import Text

from api.management.shell_zone import exactly_zoned, zoned
from domain.events import Event
from infrastructure.printable import printable
from projections.history.change_history import EventChanges
from projections.history.event_words import event_in_words
from projections.history.merged_changes import MergedChange, merged

WIDTH = 60
LONGEST = 2_000
"""How many characters of a row's text, and bytes of an event's, are read and shown."""


def excerpt(rows: QuerySet[Any], *, whole: bool) -> tuple[dict[str, Any] | None, dict[str, int]]:
    """The first of these rows, by column, with its texts cut, and the lengths of the cut texts.

    The row is None if it does not exist. With `whole`, no text is cut.
    """
    if whole:
        return rows.values().first(), {}
    fields = rows.model._meta.concrete_fields
    texts = [field.attname for field in fields if isinstance(field, TextField)]
    heads = {f"_{name}": Substr(name, 1, LONGEST) for name in texts}
    sizes = {f"_{name}_size": Length(name) for name in texts}
    asked = [field.attname for field in fields if field.attname not in texts]
    found = rows.annotate(**heads, **sizes).values(*asked, *heads, *sizes).first()
    if found is None:
        return None, {}
    row = {
        field.attname: found[f"_{field.attname}" if field.attname in texts else field.attname]
        for field in fields
    }
    cut = {name: found[f"_{name}_size"] for name in texts if found[f"_{name}_size"] > LONGEST}
    return row, cut


def as_json(step: EventChanges, names: Mapping[UUID, str]) -> dict[str, Any]:
    """The event with its envelope, what it says in words, and the columns it changed."""
    event = step.event
    metadata = event.metadata
    return {
        "position": event.position,
        "stream_id": event.originator_id,
        "version": event.originator_version,
        "topic": event.TOPIC,
        "what": event_in_words(event, names.get(event.originator_id, "")),
        "recorded_at": event.recorded_at,
        "actor": metadata.actor,
        "reason": metadata.reason,
        "correlation": metadata.correlation,
        "causation": metadata.causation,
        "on_behalf_of": metadata.on_behalf_of,
        "request_id": metadata.request_id,
        "sequence": metadata.sequence,
        "changes": [change._asdict() for change in step.changes],
    }


def line(
    step: EventChanges,
    zone: tzinfo,
    names: Mapping[UUID, str],
    tables: frozenset[str] = frozenset(),
    *,
    whole: bool = False,
    on_page: bool = False,
) -> Text:
    """Position, time, actor, what happened, topic and UUID, in one line; then a line a change.

    `tables` are those that hold the row: see `merged`. Long values are cut, except with `whole`.
    `on_page` leaves out what the page of one restore says anyway: its UUID, and the values that
    were there from the beginning, unless they were derived or assumed.
    """
    event = step.event
    text = Text(f"{event.position:>8} {recorded_when(event, zone)} {who(event)} ")
    text.append(printable(event_in_words(event, names.get(event.originator_id, ""))))
    if event.metadata.reason:
        text.append(f", because: {printable(event.metadata.reason)}")
    text.append(f"  [{event.TOPIC}]" + ("" if on_page else f" {event.originator_id}"))
    for change in merged(step.changes, tables):
        if on_page and _said_elsewhere(change):
            continue
        text.append(f"\n{'':9}{change_line(change, zone, whole=whole)}")
    return text


def _said_elsewhere(change: MergedChange) -> bool:
    if change.row == "appeared":
        return change.column == "id" or (
            change.provenance == "observed" and change.host_column is None
        )
    return change.column == "updated_at"


def recorded_when(event: Event, zone: tzinfo) -> str:
    """When the event was recorded."""
    return zoned(event.recorded_at, zone) if event.recorded_at else ""


def who(event: Event) -> str:
    """The actor, and for whom: `root as ada`."""
    metadata = event.metadata
    person = metadata.on_behalf_of
    return printable(f"{metadata.actor} as {person}" if person else metadata.actor)


def change_line(change: MergedChange, zone: tzinfo, *, whole: bool = False) -> str:
    """`status: 'pending' → 'in_progress' (legacy table)`; values are quoted, notes are not."""
    notes = [change.table] if change.table else []
    notes += [change.provenance] if change.provenance != "observed" else []
    notes += [f"from {printable(change.host_column)}"] if change.host_column else []
    note = f" ({', '.join(notes)})" if notes else ""
    old, new = (value_text(one, zone, whole=whole) for one in (change.old, change.new))
    return f"{change.column}: {old} → {new}{note}"


def value_text(value: Any, zone: tzinfo, *, whole: bool = False) -> str:
    """A column's value: text in quotes, a time in this zone, `-` for nothing."""
    if value is None:
        return "-"
    if isinstance(value, datetime) and value.tzinfo is not None:
        return exactly_zoned(value, zone)
    shown = repr(value) if isinstance(value, str) else str(value)
    return shown if whole or len(shown) <= WIDTH else shown[: WIDTH - 1] + "…"


def in_columns(names: Sequence[str], rows: Iterable[Sequence[str]]) -> Text:
    """A table that is as wide as it needs to be, on a terminal or not."""
    lines = [[name.replace("_", " ") for name in names], *([*map(printable, row)] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return Text("\n".join("  ".join(map(str.ljust, cells, widths)).rstrip() for cells in lines))
