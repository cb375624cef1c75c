"""Events of any stream as pages tell them: in words, with both clocks, who, for whom and why."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from api.console.timeline import CELL, meaning_of, shown_changes
from api.v1.audit.serializers import event_metadata
from api.v1.audit.telling import changes_by, decoded_events, said_by
from domain.administration.events import AccountEvent, LoginFailed
from domain.events import Event
from infrastructure.databases.asked_once import asking_once
from infrastructure.event_store.log import as_datetime
from infrastructure.printable import printable
from projections.history.change_history import Change
from projections.history.merged_changes import MergedChange
from projections.history.world_times import happened_at

LONG_STREAM = 500
"""Events of a restore or backup after which a list no longer says what each changed: all before it
would be read. Its own page says it."""
KINDS_WITH_PAGES = frozenset({"restore", "backup"})
"""How the topics begin whose streams have a page. Its route has the same name."""
BLANKED = "(its contents are blanked)"


class ToldEvent(NamedTuple):
    """An event, in words. `actor`, `person` and `account` are names to search by."""

    position: int
    recorded_at: datetime
    happened_at: datetime | None
    """By the world's clock; None if it happened when it was recorded."""
    topic: str
    actor: str
    person: str
    """For whom the actor recorded it; empty for itself."""
    account: str
    """The account that it is about; empty if it is about none."""
    words: str
    reason: str
    meaning: str
    changes: list[MergedChange] | None
    """None if they are not told here."""
    route: str
    """That of the page of its restore or backup; empty if it is about neither."""
    stream_id: UUID
    correlation: str


def told_events(rows: Collection[Any], cell: int = CELL) -> list[ToldEvent]:
    """These events of `event_heads`, in their order; values are cut to `cell` characters."""
    short = [row for row in rows if row.state_size and row.stream_version <= LONG_STREAM]
    with asking_once():
        changes = changes_by(short)
        # Most of these were read for their changes.
        events = decoded_events(rows)
    words = said_by(events)
    return [
        _told(
            row,
            events.get(row.position),
            words.get(row.position),
            changes.get(row.position),
            cell,
        )
        for row in rows
    ]


def topic_in_words(topic: str) -> str:
    """`Restore: changed in host` for `restore.ChangedInHost`."""
    kind, _, what = topic.partition(".")
    spaced = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in what)
    return f"{kind.capitalize()}:{spaced}"


def _told(
    row: Any, event: Event | None, words: str | None, changes: list[Change] | None, cell: int
) -> ToldEvent:
    said, kind = event_metadata(row), row.topic.partition(".")[0]
    recorded_at = as_datetime(row.recorded_at)
    shown = None
    if changes is not None:
        shown = shown_changes(changes, {change.label for change in changes}, cell)
    return ToldEvent(
        position=row.position,
        recorded_at=recorded_at,
        happened_at=None if event is None else _happened_apart(event, recorded_at),
        topic=row.topic,
        actor=said.get("actor") or "",
        person=said.get("on_behalf_of") or "",
        account=_account(event),
        words=printable(BLANKED if words is None else words),
        reason=printable(said.get("reason") or "", keep="\n"),
        meaning="" if event is None else meaning_of(event),
        changes=shown,
        route=kind if kind in KINDS_WITH_PAGES else "",
        stream_id=row.stream_id,
        correlation=said.get("correlation") or "",
    )


def _happened_apart(event: Event, recorded_at: datetime) -> datetime | None:
    """When it happened, unless that is the second in which it was recorded."""
    moment = happened_at(event)
    if moment is None or moment.replace(microsecond=0) == recorded_at.replace(microsecond=0):
        return None
    return moment


def _account(event: Event | None) -> str:
    return (event.account or "") if isinstance(event, AccountEvent | LoginFailed) else ""
