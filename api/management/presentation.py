"""Output of an event and its changes, as JSON and as a line for the terminal."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet, TextField
from django.db.models.functions import Length, Substr
from rich.text import Text

from infrastructure.printable import printable
from projections.history.administration_words import administration_in_words
from projections.history.change_history import EventChanges

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


def as_json(step: EventChanges) -> dict[str, Any]:
    """The event with its envelope, and the columns it changed."""
    event = step.event
    metadata = event.metadata
    return {
        "position": event.position,
        "stream_id": event.originator_id,
        "version": event.originator_version,
        "topic": event.TOPIC,
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


def line(step: EventChanges, *, whole: bool = False) -> Text:
    """Position, time, actor, event, restore or backup, and the changed columns, in one line.

    An event of an account says what happened in place of the restore.

    Long values are cut, except with `whole`.
    """
    event = step.event
    when = event.recorded_at.strftime("%Y-%m-%d %H:%M:%S") if event.recorded_at else ""
    who = printable(event.metadata.actor)
    if event.metadata.on_behalf_of:
        who += f" as {printable(event.metadata.on_behalf_of)}"
    what = f"{event.TOPIC} {event.originator_id}"
    if words := administration_in_words(event):
        what = f"{event.TOPIC}: {printable(words)}"
    text = Text(f"{event.position:>8} {when} {who} {what}")
    if event.metadata.reason:
        text.append(f" ({printable(event.metadata.reason)})")
    for change in step.changes:
        notes: list[str] = [change.provenance] if change.provenance != "observed" else []
        notes += [f"from {printable(change.host_column)}"] if change.host_column else []
        note = f" ({', '.join(notes)})" if notes else ""
        text.append(
            f"\n{'':9}{change.label}.{change.column}: "
            f"{_short(change.old, whole)} → {_short(change.new, whole)}{note}"
        )
    return text


def _short(value: Any, whole: bool) -> str:
    if value is None:
        return "-"
    shown = repr(value) if isinstance(value, str) else str(value)
    return shown if whole or len(shown) <= WIDTH else shown[: WIDTH - 1] + "…"


def in_columns(names: Sequence[str], rows: Iterable[Sequence[str]]) -> Text:
    """A table that is as wide as it needs to be, on a terminal or not."""
    lines = [[name.replace("_", " ") for name in names], *([*map(printable, row)] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return Text("\n".join("  ".join(map(str.ljust, cells, widths)).rstrip() for cells in lines))
