"""Every command in every state, from the rules that the aggregate reads."""

from collections.abc import Callable

import pytest

from domain.errors import DomainError
from domain.restores import errors
from domain.restores.restore import Restore
from domain.restores.rules import ALLOWED, RestoreCommand, RestoreState
from tests.builders import NOON, OFFSET, imported, minutes, stream

Make = Callable[[], Restore]


def pending() -> Restore:
    return Restore.request(
        stream(1), actor="ops", id_offset=2 * OFFSET, name="shop", requested_at=NOON
    )


def running() -> Restore:
    restore = pending()
    restore.start(started_at=NOON, actor="ops")
    return restore


def ended(how: str) -> Restore:
    restore, at = running(), NOON + minutes(1)
    match how:
        case "completed" | "partial":
            restore.complete(completed_at=at, outcome=how, actor="ops")
        case "failed":
            restore.fail(failed_at=at, actor="ops")
        case "interrupted":
            restore.fail(failed_at=at, cause="interrupted", actor="ops")
        case "cancelled":
            restore.cancel(cancelled_at=at, actor="ops")
        case _:
            restore.amend({"status": how}, amended_at=at, actor="ops", reason="by hand")
    return restore


IN_STATE: dict[RestoreState, Make] = {
    RestoreState.PENDING: pending,
    RestoreState.IN_PROGRESS: running,
    RestoreState.COMPLETED: lambda: ended("completed"),
    RestoreState.PARTIAL: lambda: ended("partial"),
    RestoreState.FAILED: lambda: ended("failed"),
    RestoreState.CANCELLED: lambda: ended("cancelled"),
    RestoreState.INTERRUPTED: lambda: ended("interrupted"),
    RestoreState.ANOTHER_WORD: lambda: ended("done by hand"),
    RestoreState.OF_THE_HOST: lambda: Restore.from_events(stream(1), [imported()]),
}
LATER = NOON + minutes(5)
CARRY_OUT: dict[RestoreCommand, Callable[[Restore], object]] = {
    RestoreCommand.START: lambda r: r.start(started_at=LATER, actor="ops"),
    RestoreCommand.PROGRESS: lambda r: r.progress(at=LATER, percent=5, actor="ops"),
    RestoreCommand.COMPLETE: lambda r: r.complete(completed_at=LATER, actor="ops"),
    RestoreCommand.FAIL: lambda r: r.fail(failed_at=LATER, actor="ops"),
    RestoreCommand.NOT_STARTED: lambda r: r.fail(failed_at=LATER, cause="not_started", actor="ops"),
    RestoreCommand.INTERRUPT: lambda r: r.fail(failed_at=LATER, cause="interrupted", actor="ops"),
    RestoreCommand.CANCEL: lambda r: r.cancel(cancelled_at=LATER, actor="ops"),
    RestoreCommand.VALIDATE: lambda r: r.validate(validated_at=LATER, result="passed", actor="ops"),
    RestoreCommand.AMEND: lambda r: r.amend(
        {"name": "x"}, amended_at=LATER, actor="ops", reason="typo"
    ),
}
NO_EVENT = {RestoreCommand.HEARTBEAT}


def test_every_state_and_every_command_is_here():
    assert set(IN_STATE) == set(RestoreState)
    assert set(CARRY_OUT) == set(RestoreCommand) - NO_EVENT == set(ALLOWED) - NO_EVENT
    assert {make().state for make in IN_STATE.values()} == set(RestoreState)


@pytest.mark.parametrize("command", CARRY_OUT)
@pytest.mark.parametrize("state", RestoreState)
def test_a_command_is_accepted_in_the_states_of_the_table_and_refused_in_the_others(
    state: RestoreState, command: RestoreCommand
):
    restore = IN_STATE[state]()
    before = restore.version
    restore.collect_events()
    if state in ALLOWED[command]:
        CARRY_OUT[command](restore)
        assert len(restore.collect_events()) == 1
        assert restore.version == before + 1
        return
    with pytest.raises(DomainError) as refused:
        CARRY_OUT[command](restore)
    host = state is RestoreState.OF_THE_HOST
    assert isinstance(refused.value, errors.RestoreBelongsToHost) is host
    assert (restore.collect_events(), restore.version) == ([], before)


def test_an_interruption_is_replaced_once():
    restore = IN_STATE[RestoreState.INTERRUPTED]()
    assert restore.status == "failed"
    restore.complete(completed_at=LATER, actor="ops")
    assert restore.state is RestoreState.COMPLETED
    with pytest.raises(errors.RestoreNotRunning):
        restore.complete(completed_at=LATER, actor="ops")


def test_only_a_reported_end_replaces_an_interruption():
    restore = IN_STATE[RestoreState.INTERRUPTED]()
    restore.amend({"status": "failed"}, amended_at=LATER, actor="ops", reason="seen by hand")
    assert restore.state is RestoreState.FAILED
