"""How far each projection says it is, whether that fits the log, and what to do if not."""

from contextlib import closing
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime

import pytest
from django.db import connection

from api.remedies import at_terminal
from infrastructure.event_store.log import Log
from infrastructure.recording import restores
from projections.engine.models import Generation
from projections.verification.actual.readers import open_service
from projections.verification.expected.schema import TABLES
from projections.verification.log_index import LogIndex
from projections.verification.state import ProjectionState, projection_states
from tests.support.consolidation import say

NOON = datetime(2024, 2, 29, 12, 0, tzinfo=UTC)
LEGACY = "database_management.RestoreLog"
CONSOLIDATED = "system_backups.RestoreLog"
WELL = ProjectionState(CONSOLIDATED, "all", 3, position=17, lag=0, error="", fits=True, due="all")


# --- what is wrong, and what to do -----------------------------------------------------------


def problem(state: ProjectionState) -> str:
    """As a person at the terminal reads it."""
    return state.problem.said(at_terminal)


def test_a_projection_that_has_seen_all_of_the_log_has_no_problem() -> None:
    assert problem(WELL) == ""


def test_a_checkpoint_of_another_log_is_the_first_to_be_said() -> None:
    state = replace(WELL, fits=False, error="a row misfits", lag=2)
    assert problem(state) == (
        "system_backups.RestoreLog: its checkpoint at position 17 is not in this log. "
        "To rebuild it: manage.py rebuild system_backups.RestoreLog"
    )


def test_a_projection_that_stopped_says_why_before_how_far_it_is_behind() -> None:
    assert problem(replace(WELL, error="a row misfits", lag=2)) == (
        "system_backups.RestoreLog is stopped at position 17: a row misfits. Repair that, "
        "then rebuild it: manage.py rebuild system_backups.RestoreLog"
    )


def test_a_table_without_the_legacy_rows_that_the_log_demands_is_rebuilt() -> None:
    assert problem(replace(WELL, scope="native", lag=2)) == (
        "According to the log, system_backups.RestoreLog must have the legacy rows and does not. "
        "To rebuild it: manage.py rebuild system_backups.RestoreLog"
    )


def test_so_is_one_that_holds_them_without_a_cut_over() -> None:
    assert problem(replace(WELL, due="native")) == (
        "According to the log, system_backups.RestoreLog has the legacy rows and must not. "
        "To rebuild it: manage.py rebuild system_backups.RestoreLog"
    )


def test_a_lag_is_the_only_problem_that_a_sound_table_may_have() -> None:
    assert replace(WELL, lag=2).sound
    assert not replace(WELL, fits=False).sound
    assert not replace(WELL, error="a row misfits").sound
    assert not replace(WELL, due="native").sound


def test_a_projection_that_lags_has_only_to_go_on() -> None:
    assert problem(replace(WELL, lag=2)) == (
        "system_backups.RestoreLog is 2 events behind the log. To catch up: manage.py project"
    )


def test_a_state_stays_as_it_was_read() -> None:
    with pytest.raises(FrozenInstanceError):
        WELL.lag = 1  # type: ignore[misc]


# --- what the engine says, and what the log ---------------------------------------------------


def log_of_three() -> list[bytes]:
    """Three events, with projections that nobody has filled; the hashes of the log, in order."""
    log = Log()
    for name in ("one", "two", "three"):
        restores.request_restore(log, name=name, actor="anna", requested_at=NOON)
    Generation.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT hash FROM event_store_event ORDER BY position")
        return [bytes(32), *(bytes(row[0]) for row in cursor.fetchall())]


def filled(label: str, position: int, hash_: bytes, state: str = "live", error: str = "") -> None:
    """A table that the engine has filled as far as this."""
    Generation.objects.create(
        label=label,
        scope="all",
        projector_version=3,
        state=state,
        position=position,
        hash=hash_,
        created_at=NOON,
        error=error,
    )


def states(*building: str) -> dict[str, ProjectionState]:
    with closing(open_service(connection.settings_dict)) as service:
        return projection_states(LogIndex(service), *([building] if building else []))


def test_tables_that_nobody_filled_yet_are_at_the_beginning_of_the_log(database: str) -> None:
    log_of_three()
    assert states() == {
        label: ProjectionState(label, "native", 0, 0, lag=3, error="", fits=True, due="native")
        for label in TABLES
    }


def test_a_filled_table_is_where_the_engine_says(database: str) -> None:
    hashes = log_of_three()
    filled(LEGACY, 2, hashes[2], error="a row misfits")
    filled(CONSOLIDATED, 3, hashes[3])
    found = states()
    assert found[LEGACY] == ProjectionState(
        LEGACY, "all", 3, 2, 1, "a row misfits", fits=True, due="native"
    )
    assert found[CONSOLIDATED] == ProjectionState(
        CONSOLIDATED, "all", 3, 3, 0, "", fits=True, due="native"
    )


@pytest.mark.parametrize(
    ("steps", "due"),
    [
        ([], "native"),
        (["cut over"], "all"),
        (["cut over", "retired"], "all"),
        (["cut over", "rolled back"], "native"),
        (["cut over", "rolled back", "cut over"], "all"),
        (["cut over", "narrow tables restored"], "native"),
        (["cut over", "rolled back", "wide tables restored"], "all"),
    ],
)
def test_what_the_consolidated_tables_have_to_hold_the_log_says(
    database: str, steps: list[str], due: str
) -> None:
    say(*steps)
    found = states()
    assert (found[CONSOLIDATED].scope, found[CONSOLIDATED].due) == (due, due)
    assert (found[LEGACY].scope, found[LEGACY].due) == ("native", "native")


def test_of_a_table_that_is_being_built_nothing_is_demanded_yet(database: str) -> None:
    hashes = log_of_three()
    filled(CONSOLIDATED, 3, hashes[3], "building")
    assert states(CONSOLIDATED)[CONSOLIDATED].sound
    filled(CONSOLIDATED, 3, hashes[3])
    assert not states()[CONSOLIDATED].sound


def test_a_checkpoint_that_the_log_has_not_there_does_not_fit(database: str) -> None:
    hashes = log_of_three()
    filled(LEGACY, 2, hashes[1])
    filled(CONSOLIDATED, 4, hashes[3])
    found = states()
    assert (found[LEGACY].fits, found[LEGACY].lag) == (False, 1)
    assert (found[CONSOLIDATED].fits, found[CONSOLIDATED].lag) == (False, 0)


def test_of_tables_that_are_being_built_those_that_are_named_are_meant(database: str) -> None:
    hashes = log_of_three()
    for label in (LEGACY, CONSOLIDATED):
        filled(label, 3, hashes[3])
        filled(label, 1, hashes[1], "building")
    assert [states()[label].position for label in (LEGACY, CONSOLIDATED)] == [3, 3]
    found = states(CONSOLIDATED)
    assert [found[label].position for label in (LEGACY, CONSOLIDATED)] == [3, 1]
