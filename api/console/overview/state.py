"""Whether the log and the tables are as they should be."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.console.consolidation import state_in_words
from api.operations.health import why_not_ready
from api.remedies import on_page
from domain.consolidation.consolidation import CONSOLIDATION_ID
from domain.consolidation.events import Verified
from domain.messages import worded
from infrastructure.event_store.log import Log, as_datetime
from infrastructure.event_store.records import LogHead
from infrastructure.maintenance.models import IssuedAnchor, MaintenanceRun, RunKind, RunOutcome
from projections.consolidation.presentation import state_as_json
from projections.engine.scopes import default_scope
from projections.engine.state import projections_state
from projections.statistics.answer import SUMS
from projections.system_backups.models import RestoreLog

CARRIED_OUT = (RunOutcome.DONE, RunOutcome.FOUND)


@dataclass(frozen=True)
class Tables:
    """The tables that are made from the log, and what is wrong with them."""

    states: list[dict[str, Any]]
    problems: list[str]
    scope: str
    """That of the table of restores."""
    has_sums: bool
    """Whether the sums of the statistics are up to date."""


def tables_now(head: LogHead) -> Tables:
    """The state of each table, in two statements."""
    states = [
        {**state, "told": state["state"].replace("_", " ")}
        for state in worded(projections_state(head=head), on_page)
    ]
    problems = {state["label"]: why for state in states if (why := why_not_ready(state))}
    errors = {state["label"]: state["error"] for state in states}
    scopes = [state["scope"] for state in states if state["label"] == RestoreLog._meta.label]
    return Tables(
        states,
        [f"{why} {errors[label]}".strip() for label, why in problems.items()],
        scopes[0] or default_scope(),
        SUMS not in problems,
    )


@dataclass(frozen=True)
class Integrity:
    """What the log itself knows of its integrity."""

    position: int
    recorded_at: datetime | None
    verified_at: datetime | None
    """When all tables were last compared with the host, and a certificate was issued."""
    verified: int | None
    """The position that the certificate is of."""
    since: int
    """Events since then."""
    checked: MaintenanceRun | None
    """The last check of the whole log on its page that was carried out."""
    checked_upto: int | None
    anchor: IssuedAnchor | None
    """The last anchor that was issued there."""


@dataclass(frozen=True)
class Standing:
    """The consolidation in words, and the integrity of the log."""

    consolidation: dict[str, Any]
    integrity: Integrity


def standing(head: LogHead) -> Standing:
    """Both are told by the consolidation's own events."""
    events = Log().stream(CONSOLIDATION_ID)
    consolidation = state_in_words(state_as_json(events))
    last = next((one for one in reversed(events) if isinstance(one, Verified)), None)
    position = None if last is None else last.log_position
    checks = MaintenanceRun.objects.filter(kind=RunKind.VERIFY, outcome__in=CARRIED_OUT)
    checked = checks.order_by("-pk").first()
    return Standing(
        consolidation,
        Integrity(
            position=head.position,
            recorded_at=as_datetime(head.recorded_at) if head.position else None,
            verified_at=None if last is None else last.recorded_at,
            verified=position,
            since=head.position - (position or 0),
            checked=checked,
            checked_upto=None if checked is None else checked.result["position"],
            anchor=IssuedAnchor.objects.order_by("-pk").first(),
        ),
    )
