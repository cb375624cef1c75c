"""The log's time is never taken far past the database server's clock, unless that was accepted."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import pytest
from django.test import override_settings

from infrastructure.event_store.codec import new_event
from infrastructure.event_store.errors import ClockAhead
from infrastructure.event_store.log import Log, as_datetime
from projections.history.as_of import position_as_of
from tests.builders import requested
from tests.support import forging, here
from tests.support.shell import ME

DAY = 86_400


@contextmanager
def this_machine_ahead(seconds: float) -> Iterator[None]:
    """This machine's clock is so far ahead of the database server's."""
    ahead = time.time_ns() + int(seconds * 1e9)
    with mock.patch("time.time_ns", return_value=ahead):
        yield


@pytest.fixture
def jumped(filled: Log, database: str) -> Log:
    """A log whose last event is three days ahead, as a wrong clock left it before this version."""
    there = filled.clock() + 3 * DAY * 1_000_000
    forging.forge(
        database,
        f"UPDATE event_store_event SET recorded_at = {there} WHERE position = 8",
        f"UPDATE event_store_head SET recorded_at = {there}",
    )
    forging.rechain(database, 7)
    return filled


def test_an_append_that_would_take_the_logs_time_too_far_is_refused(filled: Log):
    before = filled.head()
    with this_machine_ahead(75), pytest.raises(ClockAhead, match="75 s ahead of the database"):
        filled.append([new_event(requested(9))])
    assert filled.head() == before
    filled.append([new_event(requested(9))])


def test_the_limit_is_a_setting(filled: Log):
    with override_settings(LOG_MAX_AHEAD_SECONDS=600), this_machine_ahead(500):
        filled.append([new_event(requested(9))])
    with this_machine_ahead(700), pytest.raises(ClockAhead):
        filled.append([new_event(requested(10))])


def test_a_jump_is_a_finding_and_never_stops_recording(
    jumped: Log, public_key: Path, tmp_path: Path
):
    before = jumped.head().recorded_at
    jumped.append([new_event(requested(9))])
    assert (jumped.head().position, jumped.head().recorded_at) == (9, before)

    found = here.run("verify_log", "--json", check=False)
    assert (found.code, found.json["ok"], found.json["first_bad"]) == (1, False, None)
    assert [one["code"] for one in found.json["findings"]] == ["clock_ahead"]
    assert 2.9 * DAY < found.json["ahead_seconds"] < 3 * DAY
    assert found.json["age_seconds"] == 0

    anchored = here.run("anchor", "--out", str(tmp_path / "anchor"), "--json", check=False)
    assert anchored.code == 1
    assert (tmp_path / "anchor").exists()
    assert [one["code"] for one in anchored.json["findings"]] == ["clock_ahead"]


def test_another_machine_cannot_take_it_further(jumped: Log):
    with this_machine_ahead(4 * DAY), pytest.raises(ClockAhead):
        jumped.append([new_event(requested(9))])


def test_once_accepted_with_a_reason_it_is_no_finding_any_more(jumped: Log, database: str):
    until = as_datetime(jumped.head().recorded_at)
    dry = here.run("accept_clock", "--reason", "a bad time server", "--dry-run")
    assert "ahead" in dry.out
    done = here.run("accept_clock", "--reason", "a bad time server", "--actor", "ada", "--json")
    assert done.json["until"] == until.isoformat()
    assert here.run("verify_log", "--json").json["findings"] == []
    event = next(jumped.events(8, with_metadata=True))[0]
    by = event.metadata
    assert (event.TOPIC, by.actor, by.on_behalf_of, by.reason) == (
        "administration.ClockJumpAccepted",
        ME,
        "ada",
        "a bad time server",
    )
    again = here.run("accept_clock", "--reason", "once more", check=False)
    assert (again.code, "nothing to accept" in again.err) == (2, True)


def test_a_jump_without_a_reason_is_not_accepted(jumped: Log):
    refused = here.run("accept_clock", "--reason", "  ", check=False)
    assert (refused.code, jumped.head().position) == (2, 8)


def test_a_further_jump_is_a_finding_of_its_own(jumped: Log, database: str):
    here.run("accept_clock", "--reason", "a bad time server")
    with override_settings(LOG_MAX_AHEAD_SECONDS=30 * DAY), this_machine_ahead(9 * DAY):
        jumped.append([new_event(requested(9))])
    found = here.run("verify_log", "--json", check=False).json["findings"]
    assert [one["position"] for one in found] == [10]


def test_as_of_now_is_the_end_of_a_log_that_is_ahead(jumped: Log):
    now = as_datetime(jumped.clock() + 1_000_000).isoformat()
    assert [position_as_of(moment) for moment in ("now", now)] == [8, 8]


def test_an_old_last_event_is_no_finding(filled: Log, forge: Callable[..., None], database: str):
    forge(
        "UPDATE event_store_head SET recorded_at = 7",
        "UPDATE event_store_event SET recorded_at = 7",
    )
    forging.rechain(database, 0)
    report = here.run("verify_log", "--json").json
    assert report["recorded_at"] == "1970-01-01T00:00:00.000007+00:00"
    assert report["age_seconds"] > 20 * 365 * DAY
