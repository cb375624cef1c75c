"""Events as pages tell them: in words, with who and why, and with what they changed."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from domain.backups import events as backups
from domain.events import Event
from domain.restores import events as restores
from infrastructure.printable import printable
from projections.history.change_history import Change, EventChanges
from projections.history.event_words import event_in_words
from projections.history.merged_changes import MergedChange, merged
from projections.history.world_times import happened_at

LONGEST = 2_000
"""Bytes of an event's texts that are read."""
CELL = 300
"""Characters of a value that is shown."""
MEMBERS, NAME = 10, 60
"""Members of a column of JSON that are told one by one, and characters of their names."""
MEANINGS = {
    restores.RestoreCompleted: "good",
    restores.RestoreFailed: "bad",
    restores.RestoreCancelled: "bad",
    restores.RestoreVanishedFromHost: "bad",
    restores.RestoreStarted: "busy",
    restores.RestoreProgressed: "busy",
    backups.BackupExpired: "busy",
    backups.BackupVanishedFromHost: "bad",
}


class TimelineEntry(NamedTuple):
    """An event, in words, and what it changed."""

    position: int
    recorded_at: datetime | None
    happened_at: datetime | None
    """By the world's clock; None if it happened when it was recorded."""
    who: str
    words: str
    reason: str
    meaning: str
    changes: list[MergedChange]


def timeline(
    steps: Sequence[EventChanges], name: str, tables: frozenset[str]
) -> list[TimelineEntry]:
    """The events of what has this name in words, each with what it changed that its words do not
    say. `tables` are those that hold its row: see `merged`."""
    return [
        TimelineEntry(
            step.event.position,
            step.event.recorded_at,
            happened_at(step.event),
            recorded_by(step.event),
            printable(event_in_words(step.event, name)),
            printable(step.event.metadata.reason or ""),
            meaning_of(step.event),
            shown_changes(step.changes, tables),
        )
        for step in steps
    ]


def shown_changes(
    changes: Sequence[Change], tables: Collection[str], cell: int = CELL
) -> list[MergedChange]:
    """The values that were changed, as they are shown. Of a row that appears, the words say it."""
    return [
        change._replace(old=shown_value(change.old, cell), new=shown_value(change.new, cell))
        for one in merged(changes, frozenset(tables))
        if one.row == "changed" and one.column != "updated_at"
        for change in _members(one)
    ]


def _members(change: MergedChange) -> list[MergedChange]:
    """A change of a column of JSON as changes of its members; any other change as it is."""
    if change.column != "extra":
        return [change]
    try:
        old, new = (msgspec.json.decode(one, type=dict[str, Any]) for one in change[1:3])
    except (msgspec.DecodeError, TypeError):
        return [change]
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    if len(names) > MEMBERS:
        return [change]
    return [
        change._replace(
            column=printable(name[:NAME]),
            old=plain_value(old.get(name)),
            new=plain_value(new.get(name)),
        )
        for name in names
    ]


def plain_value(value: Any) -> Any:
    """A host's value: one that JSON cannot hold exactly has its kind: `{"$": …, "v": …}`."""
    return value["v"] if isinstance(value, dict) and {"$", "v"} <= value.keys() else value


def shown_value(value: Any, cell: int = CELL) -> Any:
    """A value as it is shown: times and truths as they are, anything else as text."""
    if value is None or isinstance(value, bool) or hasattr(value, "isoformat"):
        return value
    text = printable(str(value), keep="\n\t")
    return text if len(text) <= cell else f"{text[:cell]}…"


def recorded_by(event: Event) -> str:
    """The actor, and for whom: `root for ada`."""
    metadata = event.metadata
    person = metadata.on_behalf_of
    return printable(f"{metadata.actor} for {person}" if person else metadata.actor or "")


def meaning_of(event: Event) -> str:
    """Whether an event is good or bad to hear; empty if it is neither."""
    if isinstance(event, restores.RestoreValidated | backups.BackupVerified):
        return "good" if event.result == "passed" else "bad"
    return MEANINGS.get(type(event), "")
