"""What a verification says: to scripts as JSON, to a person as a table with what to do next."""

from typing import Any, get_args

import pytest
from rich.console import Group
from rich.text import Text

from infrastructure.event_store.verify import ChainReport
from projections.verification.chunks import Misfit, Overruled, Speaker
from projections.verification.differences import Cause, Difference, Differences, Tally
from projections.verification.report import HEADINGS, NEXT_STEP, SHOWN, as_json, as_text
from projections.verification.state import ProjectionState
from projections.verification.verify import Verification

LEGACY = "database_management.RestoreLog"
CONSOLIDATED = "system_backups.RestoreLog"
HEAD = "ab" * 32
REBUILD = "the table is wrong: manage.py rebuild system_backups.RestoreLog"
IMPORT = "the host is not what was imported: manage.py import_host, then verify again"
CORRECT = "the column cannot hold it: correct it in the host, then manage.py import_host"


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


def quarantined(by: Speaker) -> Difference:
    """A row that is kept out for what the host, or somebody here, said."""
    misfit = Misfit(1, "x" * 300, by)
    return Difference(CONSOLIDATED, 7, "name", "x" * 300, None, "quarantined", misfit)


def text(found: Verification, **options: Any) -> list[str]:
    """The lines below the table of counts."""
    return printed(found, **options)[1:]


def printed(found: Verification, **options: Any) -> list[str]:
    group = as_text(found, **options)
    assert isinstance(group, Group)
    lines = group.renderables
    return [line.plain for line in lines if isinstance(line, Text)]


# --- for a person ----------------------------------------------------------------------------


def test_equal_tables_are_their_counts_and_one_word() -> None:
    grid, verdict = printed(verification())
    assert grid.splitlines() == [
        "                                expected  found  missing  unexpected  differing"
        "  recorded here  quarantined  host changed",
        "database_management.RestoreLog         0      0        0           0          0"
        "              0            0             0",
        "system_backups.RestoreLog          1,200  1,201        1           2          3"
        "              4            5             6",
    ]
    assert verdict == "Equal, at position 1,234 of the log."


@pytest.mark.parametrize(
    ("found", "line"),
    [
        (
            difference(),
            f"system_backups.RestoreLog 7 name: expected 'must', found 'is': "
            f"projection_wrong; {REBUILD}",
        ),
        (
            difference(expected=None, found=17, cause="host_changed"),
            f"system_backups.RestoreLog 7 name: expected NULL, found 17: host_changed; {IMPORT}",
        ),
        (
            difference(column="", found=None),
            f"system_backups.RestoreLog 7 is missing: projection_wrong; {REBUILD}",
        ),
        (
            difference(column="", expected=None),
            f"system_backups.RestoreLog 7 should not be there: projection_wrong; {REBUILD}",
        ),
        (
            quarantined("host"),
            f"system_backups.RestoreLog 7 name: '{'x' * 59}… (302 characters): quarantined; "
            f"{CORRECT}",
        ),
        (
            quarantined("here"),
            f"system_backups.RestoreLog 7 name: '{'x' * 59}… (302 characters): quarantined; "
            "the column cannot hold what was said here: amend the restore again",
        ),
        (
            quarantined("retired"),
            f"system_backups.RestoreLog 7 name: '{'x' * 59}… (302 characters): quarantined; "
            "accepted when the migration was retired, kept in the log: nothing is to be done",
        ),
    ],
)
def test_every_difference_is_a_line_with_its_cause_and_what_to_do(
    found: Difference, line: str
) -> None:
    assert text(verification(found)) == [line, "Not equal, at position 1,234 of the log."]


def test_every_cause_has_a_next_step_and_quarantine_one_for_whoever_said_what_does_not_fit() -> (
    None
):
    causes = [cause for cause in get_args(Cause) if cause != "quarantined"]
    assert list(NEXT_STEP) == [*causes, *get_args(Speaker)]


def test_a_person_sees_the_first_twenty_differences_and_how_many_more_there_are() -> None:
    assert SHOWN == 20
    found = verification(*(difference(pk) for pk in range(1, 22)))
    *lines, more, verdict = text(found)
    assert len(lines) == 20
    assert lines[0].startswith("system_backups.RestoreLog 1 name:")
    assert lines[-1].startswith("system_backups.RestoreLog 20 name:")
    assert more == "… and 1 more differences: verify --all"
    assert verdict.startswith("Not equal")


def test_when_all_are_shown_there_are_no_more() -> None:
    found = verification(*(difference(pk) for pk in range(1, 22)))
    assert len(text(found, shown=None)) == 22
    assert not any("more differences" in line for line in text(found, shown=None))
    assert text(found, shown=1)[1] == "… and 20 more differences: verify --all"


def test_differences_that_were_not_even_kept_are_counted_among_the_more() -> None:
    found = verification(*(difference(pk) for pk in range(1, 2002)), limit=1)
    assert text(found)[1] == "… and 2,000 more differences: verify --all"


def test_a_projection_that_lags_is_said_before_the_differences() -> None:
    lag, line, _ = text(verification(difference(), lag=2))
    assert lag == "system_backups.RestoreLog is 2 events behind the log. Run: manage.py project"
    assert line.startswith("system_backups.RestoreLog 7 name:")


def test_of_a_broken_chain_nothing_is_to_be_brought_up_or_rebuilt() -> None:
    chain, line, _ = text(
        verification(difference(), lag=2, ok=False, first_bad=17, problem="its hash does not fit")
    )
    assert chain == (
        "The log's chain is broken at position 17: its hash does not fit. Run: manage.py verify_log"
    )
    assert line.startswith("system_backups.RestoreLog 7 name:")


@pytest.mark.parametrize(
    ("as_certified", "told"),
    [
        (False, ["The log no longer says of the legacy tables what was certified last."]),
        (True, []),
        (None, []),
    ],
)
def test_a_log_that_does_not_say_what_was_certified_when_it_was_retired_is_told_of(
    as_certified: bool | None, told: list[str]
) -> None:
    found = verification()
    found.legacy_as_certified = as_certified
    assert text(found)[:-1] == told


def test_values_amended_here_over_a_changed_host_are_told_and_no_difference() -> None:
    found = verification()
    for label in (LEGACY, CONSOLIDATED):
        found.tables[label].overruled.append(Overruled(7, "name", "t1:h", "t1:a"))
    told, verdict = text(found)
    assert told == "2 values amended here stand although the host changed them since."
    assert verdict == "Equal, at position 1,234 of the log."


# --- for scripts -----------------------------------------------------------------------------


def test_json_says_everything_under_the_keys_that_scripts_hold_on_to() -> None:
    found = verification(difference(), difference(8, ""), limit=1, lag=2)
    found.tables[LEGACY].overruled.append(Overruled(7, "duration_seconds", "i2:17", "-"))
    said = as_json(found)
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
                "Run: manage.py project",
            },
        ],
    }


def test_json_counts_every_row_that_a_person_sees_counted() -> None:
    counts = as_json(verification())["tables"][CONSOLIDATED]
    assert {name: counts[name] for name in HEADINGS} == {
        "expected": 1200,
        "found": 1201,
        "missing": 1,
        "unexpected": 2,
        "differing": 3,
        "recorded_here": 4,
        "quarantined": 5,
        "host_changed": 6,
    }


def test_a_whole_row_has_no_column() -> None:
    (said,) = as_json(verification(difference(column="", found=None)))["differences"]
    assert said["column"] is None


def test_long_values_are_cut_to_what_surrounds_the_place_where_they_differ() -> None:
    long = "x" * 1000
    (said,) = as_json(verification(difference(expected=f"{long}a", found=f"{long}b")))[
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
    (said,) = as_json(found)["amended_over_host"]
    assert (said["pk"], said["amended"]) == (7, "a")
    assert said["host"] == f"{'h' * 400}… (1000 characters)"
