"""Lines for the terminal about the consolidation and a step's result."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from infrastructure.printable import printable
from projections.consolidation.contradictions import Contradicted, Correction
from projections.consolidation.legacy_gaps import LegacyGap
from projections.consolidation.step_run import Step

SHOWN = 20


def proof_lines(step: Step, rows: Path | None) -> list[str]:
    """A step's certificate, its hash, and the file of compared rows, if there is one."""
    return [
        f"certificate  {printable(str(step.certificate))}",
        f"             SHA-256 {step.certificate_hash}, which the log names",
        *([f"rows         {printable(str(rows))}"] if rows else []),
    ]


def legacy_gap_lines(gaps: Sequence[LegacyGap], limit: int | None = SHOWN) -> list[str]:
    """What the legacy table cannot represent: the first `limit`, or all, and how many more."""
    if not gaps:
        return ["The legacy table represents everything that was recorded here."]
    if len(gaps) == 1:
        lines = ["One thing the legacy table cannot represent; it stays in the log:"]
    else:
        lines = [f"{len(gaps):,} things the legacy table cannot represent; they stay in the log:"]
    for gap in gaps[:limit]:
        value = str(gap.value).lower() if isinstance(gap.value, bool) else repr(gap.value)
        what = "the restore" if gap.column is None else f"{gap.column} = {value}"
        lines.append(printable(f"  {gap.restore_id} (id {gap.id}): {what}: {gap.why}"))
    if limit is not None and len(gaps) > limit:
        more = f"{len(gaps) - limit:,} more"
        lines.append(f"  … and {more}: manage.py consolidation --unrepresentable")
    return lines


def contradicted_lines(told: Sequence[dict[str, Any]]) -> list[str]:
    """One line for each certificate that a later correction contradicts."""
    return [
        str(Contradicted(**one | {"by": [Correction(**correction) for correction in one["by"]]}))
        for one in told
    ]


def history_lines(history: Sequence[dict[str, Any]]) -> list[str]:
    """One line per step: position, time, actor, event and reason; details below it.

    The details are its certificate's hash and verdict, or the columns with other names.
    """
    lines = []
    for one in history:
        when = one["recorded_at"].strftime("%Y-%m-%d %H:%M:%S UTC")
        reason = f" ({one['reason']})" if one["reason"] else ""
        zone = f": {one['zone']}" if "zone" in one else ""
        who = f"{one['actor']} as {person}" if (person := one.get("on_behalf_of")) else one["actor"]
        said = printable(f"{who}: {one['what']}{zone}{reason}")
        lines.append(f"{one['position']:>10,} {when} {said}")
        lines += [f"{'':>10} {printable(filled)}" for filled in _filled(one.get("columns", {}))]
        if "certificate" in one:
            verdict = "" if "equal" not in one else ", equal" if one["equal"] else ", not equal"
            lines.append(f"{'':>10} certificate {one['certificate']}{verdict}")
    return lines


def _filled(choices: dict[str, dict[str, Any]]) -> Iterator[str]:
    """The columns that have another name in the host, and those that a person decided on."""
    for label, targets in choices.items():
        for target, choice in targets.items():
            if choice["how"] in ("proposed", "decided"):
                by = ", else ".join(choice["sources"]) or "no column"
                reason = f": {choice['reason']}" if choice["reason"] else ""
                yield f"{label}.{target} is filled by {by} ({choice['how']}{reason})"
