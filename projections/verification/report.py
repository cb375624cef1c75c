"""A verification as JSON."""

from typing import Any

from projections.excerpts import cut, side_by_side
from projections.verification.cells import cell_value
from projections.verification.chunks import Overruled
from projections.verification.differences import Difference
from projections.verification.expected.moved_rows import CopiedRows
from projections.verification.state import ProjectionState
from projections.verification.verify import Verification


def report_as_json(found: Verification) -> dict[str, Any]:
    """The result with keys that scripts rely on, and details that help to find the cause."""
    return {
        "equal": found.equal,
        "tables": {label: tally.as_json() for label, tally in found.tables.items()},
        "differences": [_difference(d) for d in found.differences.kept],
        "differences_total": found.differences.total,
        "differences_left_out": found.differences.total - len(found.differences.kept),
        "amended_over_host": [
            _overruled(label, said)
            for label, tally in found.tables.items()
            for said in tally.overruled[: found.differences.limit]
        ],
        "problem": found.reading,
        "zone": found.zone,
        "assumptions": [assumption._asdict() for assumption in found.assumptions],
        "empty_targets": found.empty_targets,
        "position": found.position,
        "chain_head": found.chain.head,
        "chain": {
            "ok": found.chain.ok,
            "events": found.chain.events,
            "first_bad": found.chain.first_bad,
            "problem": found.chain.problem,
        },
        "projections": [_state(state) for state in found.projections.values()],
        **({} if found.moved is None else {"moved": _moved(found.moved)}),
    }


def _moved(moved: CopiedRows) -> dict[str, Any]:
    """How many rows were moved, and the pairs of which both rows were changed since."""
    return {
        "restores": len(moved.pairs["restore"]),
        "backups": len(moved.pairs["backup"]),
        "conflicts": [
            {"table": label, "legacy_id": legacy, "consolidated_id": copy}
            for label, legacy, copy in moved.conflicts
        ],
    }


def _overruled(label: str, said: Overruled) -> dict[str, Any]:
    return {
        "table": label,
        "pk": said.pk,
        "column": said.column,
        "host": cut(cell_value(said.host)),
        "amended": cut(cell_value(said.amended)),
    }


def _state(state: ProjectionState) -> dict[str, Any]:
    return {
        "label": state.label,
        "scope": state.scope,
        "position": state.position,
        "lag": state.lag,
        "fits_log": state.fits,
        "problem": state.problem,
    }


def _difference(d: Difference) -> dict[str, Any]:
    expected, found = side_by_side(d.expected, d.found)
    return {
        "table": d.table,
        "pk": d.pk,
        "column": d.column or None,
        "expected": expected,
        "found": found,
        "cause": d.cause,
    }
