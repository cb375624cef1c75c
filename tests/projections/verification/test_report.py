"""What a verification says to scripts, as JSON."""

from typing import Any

from api.remedies import at_terminal
from domain.messages import worded
from infrastructure.event_store.verify_log import ChainReport
from projections.verification.chunks import Overruled
from projections.verification.differences import Cause, Difference, Differences, Tally
from projections.verification.report import report_as_json
from projections.verification.state import ProjectionState
from projections.verification.verify import Verification

LEGACY = "database_management.RestoreLog"
CONSOLIDATED = "system_backups.RestoreLog"
HEAD = "ab" * 32


def verification(
    *differences: Difference, limit: int | None = None, lag: int = 0, **chain: Any
) -> Verification:
    """What was found of two tables, of which one has 1,200 rows."""
    report: dict[str, Any] = {"ok": True, "events": 1234, "head": HEAD, "first_bad": None}
    kept = Differences(limit)
    for one in differences:
        kept.add(one)
    return Verification(
        1234,
        ChainReport(**{**report, "problem": "", **chain}),
        {
            LEGACY: ProjectionState(LEGACY, "native", 3, 1234, 0, "", True, "native"),
            CONSOLIDATED: ProjectionState(CONSOLIDATED, "all", 3, 1234 - lag, lag, "", True, "all"),
        },
        kept,
        tables={LEGACY: Tally(), CONSOLIDATED: Tally(1200, 1201, 1, 2, 3, 4, 5, 6)},
    )


def difference(
    pk: object = 7,
    column: str = "name",
    expected: object = "must",
    found: object = "is",
    cause: Cause = "projection_wrong",
) -> Difference:
    return Difference(CONSOLIDATED, pk, column, expected, found, cause)


def test_json_says_everything_under_the_keys_that_scripts_hold_on_to() -> None:
    found = verification(difference(), difference(8, ""), limit=1, lag=2)
    found.tables[LEGACY].overruled.append(Overruled(7, "duration_seconds", "i2:17", "-"))
    said = worded(report_as_json(found), at_terminal)
    assert {label: counts["found"] for label, counts in said.pop("tables").items()} == {
        LEGACY: 0,
        CONSOLIDATED: 1201,
    }
    assert said == {
        "equal": False,
        "differences": [
            {
                "table": CONSOLIDATED,
                "pk": 7,
                "column": "name",
                "expected": "must",
                "found": "is",
                "cause": "projection_wrong",
            }
        ],
        "differences_total": 2,
        "differences_left_out": 1,
        "amended_over_host": [
            {
                "table": LEGACY,
                "pk": 7,
                "column": "duration_seconds",
                "host": 17,
                "amended": None,
            }
        ],
        "position": 1234,
        "problem": "",
        "zone": None,
        "assumptions": [],
        "empty_targets": {},
        "chain_head": HEAD,
        "chain": {"ok": True, "events": 1234, "first_bad": None, "problem": ""},
        "projections": [
            {
                "label": LEGACY,
                "scope": "native",
                "position": 1234,
                "lag": 0,
                "fits_log": True,
                "problem": "",
            },
            {
                "label": CONSOLIDATED,
                "scope": "all",
                "position": 1232,
                "lag": 2,
                "fits_log": True,
                "problem": "system_backups.RestoreLog is 2 events behind the log. "
                "To catch up: manage.py project",
            },
        ],
    }


def test_a_whole_row_has_no_column() -> None:
    (said,) = report_as_json(verification(difference(column="", found=None)))["differences"]
    assert said["column"] is None


def test_long_values_are_cut_to_what_surrounds_the_place_where_they_differ() -> None:
    long = "x" * 1000
    (said,) = report_as_json(verification(difference(expected=f"{long}a", found=f"{long}b")))[
        "differences"
    ]
    assert said["expected"] == f"…{'x' * 50}a… (1001 characters)"
    assert said["found"] == f"…{'x' * 50}b… (1001 characters)"


def test_amended_values_are_cut_and_no_more_of_a_table_are_listed_than_differences() -> None:
    found = verification(limit=1)
    for pk in (7, 8):
        found.tables[LEGACY].overruled.append(
            Overruled(pk, "message", f"t1000:{'h' * 1000}", "t1:a")
        )
    (said,) = report_as_json(found)["amended_over_host"]
    assert (said["pk"], said["amended"]) == (7, "a")
    assert said["host"] == f"{'h' * 400}… (1000 characters)"
