"""What a person is told of a verification: a table, with what to do next."""

from typing import Any, get_args

import pytest
from rich.console import Group
from rich.text import Text

from api.management.verification_text import HEADINGS, NEXT_STEP, SHOWN, as_text
from projections.verification.chunks import CellViolation, Overruled, Speaker
from projections.verification.differences import Cause, Difference
from projections.verification.report import report_as_json
from projections.verification.verify import Verification
from tests.projections.verification.test_report import (
    CONSOLIDATED,
    LEGACY,
    difference,
    verification,
)

REBUILD = "projection_wrong: the table is wrong: manage.py rebuild system_backups.RestoreLog"
IMPORT = "host_changed: the host is not what was imported: manage.py import_host, then verify again"
CORRECT = (
    "quarantined (host): the column cannot hold it: correct it in the host, then "
    "manage.py import_host"
)
AMEND = (
    "quarantined (here): the column cannot hold the value recorded here: amend the restore again. "
    "No command does this: see docs/how-to/verify.md"
)
NOTHING = (
    "quarantined (retired): accepted when the migration was retired, and kept in the log: no "
    "action is needed"
)
LONG_NAME = f"system_backups.RestoreLog 7 name: '{'x' * 59}… (302 characters): quarantined"


def quarantined(by: Speaker) -> Difference:
    """A row that is kept out for what the host, or somebody here, said."""
    misfit = CellViolation(1, "x" * 300, by)
    return Difference(CONSOLIDATED, 7, "name", "x" * 300, None, "quarantined", misfit)


def text(found: Verification, **options: Any) -> list[str]:
    """The lines below the table of counts."""
    return printed(found, **options)[1:]


def printed(found: Verification, **options: Any) -> list[str]:
    group = as_text(found, **options)
    assert isinstance(group, Group)
    lines = group.renderables
    return [line.plain for line in lines if isinstance(line, Text)]


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
    ("found", "line", "step"),
    [
        (
            difference(),
            "system_backups.RestoreLog 7 name: expected 'must', found 'is': projection_wrong",
            REBUILD,
        ),
        (
            difference(expected=None, found=17, cause="host_changed"),
            "system_backups.RestoreLog 7 name: expected NULL, found 17: host_changed",
            IMPORT,
        ),
        (
            difference(column="", found=None),
            "system_backups.RestoreLog 7 is missing: projection_wrong",
            REBUILD,
        ),
        (
            difference(column="", expected=None),
            "system_backups.RestoreLog 7 should not be there: projection_wrong",
            REBUILD,
        ),
        (quarantined("host"), f"{LONG_NAME} (host)", CORRECT),
        (quarantined("here"), f"{LONG_NAME} (here)", AMEND),
        (quarantined("retired"), f"{LONG_NAME} (retired)", NOTHING),
    ],
)
def test_every_difference_is_a_line_with_its_cause_and_every_cause_says_what_to_do(
    found: Difference, line: str, step: str
) -> None:
    assert text(verification(found)) == [line, step, "Not equal, at position 1,234 of the log."]


def test_what_to_do_is_said_once_for_each_cause_and_table() -> None:
    found = verification(
        *map(difference, range(1, 4)),
        difference(4)._replace(table=LEGACY),
        *(difference(pk, cause="host_changed") for pk in (5, 6)),
        difference(7, cause="host_changed")._replace(table=LEGACY),
    )
    assert text(found)[7:-1] == [REBUILD, REBUILD.replace(CONSOLIDATED, LEGACY), IMPORT]


def test_every_cause_has_a_next_step_and_quarantine_one_for_whoever_said_what_does_not_fit() -> (
    None
):
    causes = [cause for cause in get_args(Cause) if cause != "quarantined"]
    assert list(NEXT_STEP) == [*causes, *get_args(Speaker)]


def test_a_person_sees_the_first_twenty_differences_and_how_many_more_there_are() -> None:
    assert SHOWN == 20
    found = verification(*(difference(pk) for pk in range(1, 22)))
    *lines, more, step, verdict = text(found)
    assert step == REBUILD
    assert len(lines) == 20
    assert lines[0].startswith("system_backups.RestoreLog 1 name:")
    assert lines[-1].startswith("system_backups.RestoreLog 20 name:")
    assert more == "… and 1 more differences: verify --all"
    assert verdict.startswith("Not equal")


def test_when_all_are_shown_there_are_no_more() -> None:
    found = verification(*(difference(pk) for pk in range(1, 22)))
    assert len(text(found, shown=None)) == 23
    assert not any("more differences" in line for line in text(found, shown=None))
    assert text(found, shown=1)[1] == "… and 20 more differences: verify --all"


def test_differences_that_were_not_even_kept_are_counted_among_the_more() -> None:
    found = verification(*(difference(pk) for pk in range(1, 2002)), limit=1)
    assert text(found)[1] == "… and 2,000 more differences: verify --all"


def test_a_projection_that_lags_is_said_before_the_differences() -> None:
    lag, line, _, _ = text(verification(difference(), lag=2))
    assert lag.endswith("is 2 events behind the log. To catch up: manage.py project")
    assert line.startswith("system_backups.RestoreLog 7 name:")


def test_of_a_broken_chain_nothing_is_to_be_brought_up_or_rebuilt() -> None:
    chain, line, _, _ = text(
        verification(difference(), lag=2, ok=False, first_bad=17, problem="its hash does not fit")
    )
    assert chain == (
        "The log's chain is broken at position 17: its hash does not fit. Run: manage.py verify_log"
    )
    assert line.startswith("system_backups.RestoreLog 7 name:")


@pytest.mark.parametrize(
    ("as_certified", "told"),
    [
        (False, ["The log's legacy rows are no longer those that were certified last."]),
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
    assert told == "2 values amended here are kept although the host changed them since."
    assert verdict == "Equal, at position 1,234 of the log."


def test_json_counts_every_row_that_a_person_sees_counted() -> None:
    counts = report_as_json(verification())["tables"][CONSOLIDATED]
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
