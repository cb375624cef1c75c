"""What a restore allows and what it refuses."""

import pytest

from domain.restores import errors
from domain.restores.events import (
    RestoreAmended,
    RestoreCancelled,
    RestoreCompleted,
    RestoreFailed,
    RestoreRequested,
    RestoreStarted,
)
from domain.restores.restore import Restore
from tests.builders import NOON, OFFSET, imported, minutes, stream


def pending() -> Restore:
    return Restore.request(
        stream(1), actor="ops", id_offset=2 * OFFSET, name="shop", requested_at=NOON
    )


def running() -> Restore:
    restore = pending()
    restore.start(started_at=NOON, actor="ops")
    return restore


def finished() -> Restore:
    restore = running()
    restore.complete(completed_at=NOON + minutes(1), message="ok", actor="ops")
    return restore


def host_restore() -> Restore:
    return Restore.from_events(stream(1), [imported()])


def test_a_restore_is_requested_started_and_completed():
    events = finished().collect_events()
    assert [type(event) for event in events] == [RestoreRequested, RestoreStarted, RestoreCompleted]
    assert [event.originator_version for event in events] == [1, 2, 3]
    assert {event.originator_id for event in events} == {stream(1)}


def test_events_are_collected_once():
    restore = pending()
    assert len(restore.collect_events()) == 1
    assert restore.collect_events() == []


def test_who_recorded_an_event_stands_in_its_metadata():
    (event,) = pending().collect_events()
    assert event.metadata.actor == "ops"


def test_a_restore_can_succeed_in_part():
    restore = running()
    restore.complete(completed_at=NOON, message="2 of 3", actor="ops", outcome="partial")
    assert restore.status == "partial"


def test_a_running_restore_can_fail():
    restore = running()
    restore.fail(failed_at=NOON, message="disk full", actor="ops")
    assert restore.status == "failed"
    assert isinstance(restore.collect_events()[-1], RestoreFailed)


def test_a_restore_cannot_start_twice():
    with pytest.raises(errors.RestoreNotPending, match="is in_progress"):
        running().start(started_at=NOON, actor="ops")


def test_a_restore_cannot_finish_before_it_starts():
    with pytest.raises(errors.RestoreNotRunning, match="is pending"):
        pending().complete(completed_at=NOON, message="", actor="ops")


def test_a_finished_restore_cannot_finish_again():
    with pytest.raises(errors.RestoreNotRunning, match="is completed"):
        finished().fail(failed_at=NOON, message="", actor="ops")


@pytest.mark.parametrize("begin", [pending, running])
def test_a_restore_can_be_cancelled_until_it_has_ended(begin):
    restore = begin()
    restore.cancel(cancelled_at=NOON, message="wrong target", actor="ops")
    assert restore.status == "cancelled"
    assert isinstance(restore.collect_events()[-1], RestoreCancelled)


def test_a_finished_restore_cannot_be_cancelled():
    with pytest.raises(errors.RestoreFinished, match="already completed"):
        finished().cancel(cancelled_at=NOON, message="", actor="ops")


def test_a_hosts_restore_is_the_hosts_to_run():
    for command in (
        lambda r: r.start(started_at=NOON, actor="ops"),
        lambda r: r.complete(completed_at=NOON, message="", actor="ops"),
        lambda r: r.fail(failed_at=NOON, message="", actor="ops"),
        lambda r: r.cancel(cancelled_at=NOON, message="", actor="ops"),
    ):
        with pytest.raises(errors.RestoreBelongsToHost):
            command(host_restore())


@pytest.mark.parametrize("begin", [pending, running, finished, host_restore])
def test_any_restore_can_be_amended_with_a_reason(begin):
    restore = begin()
    restore.amend({"message": "was wrong"}, amended_at=NOON, actor="ops", reason="typo")
    event = restore.collect_events()[-1]
    assert isinstance(event, RestoreAmended)
    assert event.changes == {"message": "was wrong"}
    assert event.metadata.reason == "typo"


def test_an_amended_status_is_the_status():
    restore = running()
    restore.amend({"status": "failed"}, amended_at=NOON, actor="ops", reason="it crashed")
    with pytest.raises(errors.RestoreNotRunning):
        restore.complete(completed_at=NOON, message="", actor="ops")


@pytest.mark.parametrize("column", ["id", "restore_type", "created_at", "nonsense"])
def test_some_columns_are_not_for_amending(column: str):
    with pytest.raises(errors.ColumnNotAmendable, match=repr(column)):
        finished().amend({column: 1}, amended_at=NOON, actor="ops", reason="?")


def test_another_source_backup_is_named_by_the_backup_itself():
    with pytest.raises(errors.BackupNotNamed, match="name the backup itself"):
        finished().amend({"source_backup_id": 12}, amended_at=NOON, actor="ops", reason="?")
    restore = finished()
    restore.amend({"source_backup_id": None}, amended_at=NOON, actor="ops", reason="there is none")
    event = restore.collect_events()[-1]
    assert isinstance(event, RestoreAmended)
    assert event.changes == {"source_backup_id": None}


def test_an_amendment_of_nothing_is_refused():
    with pytest.raises(errors.NothingToAmend):
        finished().amend({}, amended_at=NOON, actor="ops", reason="?")


def test_a_refused_command_records_nothing():
    restore = pending()
    restore.collect_events()
    with pytest.raises(errors.RestoreNotRunning):
        restore.fail(failed_at=NOON, message="", actor="ops")
    assert restore.collect_events() == []
    assert restore.version == 1


def test_a_restore_replayed_from_its_events_is_the_same():
    restore = finished()
    replayed = Restore.from_events(restore.id, restore.collect_events())
    assert (replayed.status, replayed.version) == ("completed", 3)
