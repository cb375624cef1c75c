"""The consolidation, and what a step did, as JSON and as lines for a person."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from domain.consolidation.consolidation import CONSOLIDATION_ID, Consolidation
from domain.events import ENVELOPE, Event
from infrastructure.event_store.keeper import warning
from infrastructure.event_store.log import Log
from infrastructure.printable import printable
from projections.consolidation.contradicted import Contradicted, Correction, contradicted
from projections.consolidation.current import last_host_row, mappings
from projections.consolidation.process import Step
from projections.consolidation.unrepresentable import Unsaid

SHOWN = 20
WHAT = {
    "HostAdopted": "the log was bound to its host, and its rows imported",
    "FingerprintAccepted": "another fingerprint of the host was accepted",
    "ColumnsChosen": "it was settled which of the host's columns fill which columns here",
    "ZoneChosen": "the time zone of the host's local times was settled",
    "Verified": "all tables were verified, and a certificate was issued",
    "CutOver": "cut over",
    "RolledBack": "rolled back",
    "SnapshotRestored": "the saved tables were put back",
    "Retired": "retired",
}


def step_as_json(step: Step) -> dict[str, Any]:
    """What a command that took a step prints."""
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
        result["unrepresentable"] = unsaid_as_json(step.unrepresentable)
    return result


def proof_lines(step: Step, rows: Path | None) -> list[str]:
    """Where a step's certificate is, its hash, and the file of compared rows, if there is one."""
    return [
        f"certificate  {printable(str(step.certificate))}",
        f"             SHA-256 {step.certificate_hash}, which the log names",
        *([f"rows         {printable(str(rows))}"] if rows else []),
    ]


def unsaid_as_json(unsaid: Sequence[Unsaid]) -> list[dict[str, Any]]:
    """What the legacy table cannot say."""
    return [said._asdict() for said in unsaid]


def unsaid_lines(unsaid: Sequence[Unsaid], limit: int | None = SHOWN) -> list[str]:
    """What the legacy table cannot say: the first `limit`, and how many more; None for all."""
    if not unsaid:
        return ["The legacy table says everything that was recorded here."]
    if len(unsaid) == 1:
        lines = ["One thing the legacy table cannot say; it stays in the log:"]
    else:
        lines = [f"{len(unsaid):,} things the legacy table cannot say; they stay in the log:"]
    for said in unsaid[:limit]:
        value = str(said.value).lower() if isinstance(said.value, bool) else repr(said.value)
        what = "the restore" if said.column is None else f"{said.column} = {value}"
        lines.append(printable(f"  {said.restore_id} (id {said.id}): {what}: {said.why}"))
    if limit is not None and len(unsaid) > limit:
        more = f"{len(unsaid) - limit:,} more"
        lines.append(f"  … and {more}: manage.py consolidation --unrepresentable")
    return lines


def consolidation_as_json(using: str = "default") -> dict[str, Any]:
    """The state, whether the last verification is current, and every step, oldest first."""
    events = Log(using).stream(CONSOLIDATION_ID)
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
        "contradicted_certificates": [one.as_json() for one in contradicted(events, using)],
        "warnings": [text for text in [warning(Log(using))] if text],
        "history": [_told(event) for event in events],
    }


def contradicted_lines(told: Sequence[dict[str, Any]]) -> list[str]:
    """One line for each certificate that a later correction contradicts."""
    return [
        str(Contradicted(**one | {"by": [Correction(**correction) for correction in one["by"]]}))
        for one in told
    ]


def history_lines(history: Sequence[dict[str, Any]]) -> list[str]:
    """One line a step: where, when, who, what and why; under it what belongs to it.

    That is its certificate's hash, with what it says, or the columns by other names.
    """
    lines = []
    for one in history:
        when = one["recorded_at"].strftime("%Y-%m-%d %H:%M:%S UTC")
        reason = f" ({one['reason']})" if one["reason"] else ""
        zone = f": {one['zone']}" if "zone" in one else ""
        said = printable(f"{one['actor']}: {one['what']}{zone}{reason}")
        lines.append(f"{one['position']:>10,} {when} {said}")
        lines += [f"{'':>10} {printable(filled)}" for filled in _filled(one.get("columns", {}))]
        if "certificate" in one:
            verdict = "" if "equal" not in one else ", equal" if one["equal"] else ", not equal"
            lines.append(f"{'':>10} certificate {one['certificate']}{verdict}")
    return lines


def _filled(choices: dict[str, dict[str, Any]]) -> Iterator[str]:
    """The columns that go by another name in the host, and those that somebody decided on."""
    for label, targets in choices.items():
        for target, choice in targets.items():
            if choice["how"] in ("proposed", "decided"):
                by = ", else ".join(choice["sources"]) or "no column"
                reason = f": {choice['reason']}" if choice["reason"] else ""
                yield f"{label}.{target} is filled by {by} ({choice['how']}{reason})"


def _told(event: Event) -> dict[str, Any]:
    name = event.TOPIC.partition(".")[2]
    state = msgspec.to_builtins(event)
    return {
        "position": event.position,
        "recorded_at": event.recorded_at,
        "actor": event.metadata.actor,
        "reason": event.metadata.reason,
        "event": event.TOPIC,
        "what": WHAT[name],
        **{key: value for key, value in state.items() if key not in ENVELOPE},
    }
