"""JSON of the consolidation's state and of a step's result."""

from collections.abc import Sequence
from typing import Any

import msgspec

from domain.consolidation.consolidation import CONSOLIDATION_ID, Consolidation
from domain.events import ENVELOPE, Event
from infrastructure.event_store.head_file_updates import warning
from infrastructure.event_store.log import Log
from projections.consolidation.contradictions import contradicted
from projections.consolidation.freshness import last_host_row, mappings
from projections.consolidation.legacy_gaps import LegacyGap
from projections.consolidation.step_run import Step

WHAT = {
    "HostAdopted": "the host was imported for the first time, and the log bound to it",
    "FingerprintAccepted": "another fingerprint of the host was accepted",
    "ColumnsChosen": "the host's columns were assigned to the columns here",
    "ZoneChosen": "the time zone of the host's local times was set",
    "CopiesDeclared": "rows of the host were declared to be copies of legacy rows, or none",
    "Verified": "all tables were verified, and a certificate was issued",
    "CutOver": "cut over",
    "RolledBack": "rolled back",
    "SnapshotRestored": "the saved tables were put back",
    "Retired": "retired",
}


def step_as_json(step: Step) -> dict[str, Any]:
    """The JSON output of a command that took a step."""
    result: dict[str, Any] = {
        "state": step.state,
        "position": step.position,
        "certificate": str(step.certificate) if step.certificate else None,
        "seconds": round(step.seconds, 3),
        "held_seconds": round(step.held_seconds, 3),
    }
    if step.certificate_hash:
        result["certificate_sha256"] = step.certificate_hash
    if step.snapshot:
        result["snapshot"] = str(step.snapshot)
    if step.unrepresentable is not None:
        result["unrepresentable"] = legacy_gaps_as_json(step.unrepresentable)
    if step.host_holds_legacy_rows is not None:
        result["host_holds_legacy_rows"] = step.host_holds_legacy_rows
    return result


def legacy_gaps_as_json(gaps: Sequence[LegacyGap]) -> list[dict[str, Any]]:
    """What the legacy table cannot represent."""
    return [gap._asdict() for gap in gaps]


def consolidation_as_json(using: str = "default") -> dict[str, Any]:
    """The state, whether the last verification is current, and every step, oldest first."""
    events = Log(using).stream(CONSOLIDATION_ID)
    return {
        **state_as_json(events, using),
        "contradicted_certificates": [one.as_json() for one in contradicted(events, using)],
        "warnings": [text for text in [warning(Log(using))] if text],
        "history": [_told(event) for event in events],
    }


def state_as_json(events: Sequence[Event], using: str = "default") -> dict[str, Any]:
    """The state after these events of the consolidation, and whether the last verification is
    current."""
    consolidation, changed_at = Consolidation(), None
    for event in events:
        before = consolidation.state
        consolidation.follow(event)
        if consolidation.state is not before:
            changed_at = event.recorded_at
    last = consolidation.verification
    since = last.log_position if last else 0
    why = consolidation.why_not_current(
        mappings(), last_host_row(after=since, using=using) if last else 0
    )
    return {
        "state": consolidation.state,
        "since": changed_at,
        "verification": {
            "current": not why,
            "why": why,
            "certificate": last.certificate if last else None,
            "position": last.log_position if last else None,
        },
    }


def _told(event: Event) -> dict[str, Any]:
    name = event.TOPIC.partition(".")[2]
    state = msgspec.to_builtins(event)
    return {
        "position": event.position,
        "recorded_at": event.recorded_at,
        "actor": event.metadata.actor,
        "on_behalf_of": event.metadata.on_behalf_of,
        "reason": event.metadata.reason,
        "event": event.TOPIC,
        "what": WHAT[name],
        **{key: value for key, value in state.items() if key not in ENVELOPE},
    }
