"""Recording what happened to accounts, and who read the log."""

from typing import Any
from uuid import UUID

from domain.administration.accounts import (
    AdministrationStream,
    account_stream,
    occurrence_stream,
)
from domain.administration.events import AccountEvent, AdministrationEvent
from domain.events import Actor
from infrastructure.event_store.log import Log
from infrastructure.recording.streams import load_events, save


def record_about_account(
    log: Log, event_class: type[AccountEvent], *, account_id: int, actor: Actor, **state: Any
) -> None:
    """Append an event to the account's stream; joins the caller's transaction."""
    stream_id = account_stream(account_id)
    stream = AdministrationStream.from_events(stream_id, load_events(log, stream_id))
    stream.record(event_class, actor=actor, account_id=account_id, **state)
    save(log, stream)


def record_occurrence(
    log: Log, event_class: type[AdministrationEvent], key: str, *, actor: Actor, **state: Any
) -> UUID:
    """Append the only event of a stream of its own; returns the stream.

    Raises `StreamConflict` if it was recorded before. Joins the caller's transaction.
    """
    stream = AdministrationStream(occurrence_stream(key))
    stream.record(event_class, actor=actor, **state)
    save(log, stream)
    return stream.id
