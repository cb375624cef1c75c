"""An event and what it changed, as JSON and as a line for the terminal."""

from collections.abc import Iterable, Sequence
from typing import Any

from rich.text import Text

from infrastructure.printable import printable
from projections.engine.trail import Step

WIDTH = 60


def as_json(step: Step) -> dict[str, Any]:
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
        "changes": [change._asdict() for change in step.changes],
    }


def line(step: Step) -> Text:
    """Where, when, who, what, to which restore or backup, and which columns changed to what."""
    event = step.event
    when = event.recorded_at.strftime("%Y-%m-%d %H:%M:%S") if event.recorded_at else ""
    text = Text(
        f"{event.position:>8} {when} {printable(event.metadata.actor)} {event.TOPIC} "
        f"{event.originator_id}"
    )
    if event.metadata.reason:
        text.append(f" ({printable(event.metadata.reason)})")
    for change in step.changes:
        note = "" if change.provenance == "observed" else f" ({change.provenance})"
        text.append(
            f"\n{'':9}{change.label}.{change.column}: "
            f"{_short(change.old)} → {_short(change.new)}{note}"
        )
    return text


def _short(value: Any) -> str:
    if value is None:
        return "-"
    shown = repr(value) if isinstance(value, str) else str(value)
    return shown if len(shown) <= WIDTH else shown[: WIDTH - 1] + "…"


def in_columns(names: Sequence[str], rows: Iterable[Sequence[str]]) -> Text:
    """A table that is as wide as it needs to be, on a terminal or not."""
    lines = [[name.replace("_", " ") for name in names], *([*map(printable, row)] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return Text("\n".join("  ".join(map(str.ljust, cells, widths)).rstrip() for cells in lines))
