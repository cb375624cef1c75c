"""What a person records about one restore on its page: when it may be, and that it is once."""

import html
import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from api import accounts
from domain.restores.rules import ALLOWED, RestoreCommand, RestoreState
from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from projections.engine.catch_up import catch_up
from projections.services import record
from tests.api.test_console_restores import HOSTILE, page, text
from tests.builders import imported, stream

COMMANDS = {
    "validate": RestoreCommand.VALIDATE,
    "amend": RestoreCommand.AMEND,
    "cancel": RestoreCommand.CANCEL,
    "interrupt": RestoreCommand.INTERRUPT,
}
FILLED = {
    "validate": {"result": "passed"},
    "amend": {"value": "another name", "reason": "a slip"},
    "cancel": {},
    "interrupt": {},
}
RECORDED = {
    "validate": "restore.Validated",
    "amend": "restore.Amended",
    "cancel": "restore.Cancelled",
    "interrupt": "restore.Failed",
}


def browser_of(*roles: str) -> Client:
    client = Client()
    client.force_login(accounts.create(f"a-{'-'.join(roles) or 'nobody'}", roles=roles))
    return client


@pytest.fixture
def operator(database: str) -> Client:
    return browser_of("operator")


def requested(name: str = "nightly orders") -> UUID:
    return record.request_restore(name=name, actor="ada", target_database="orders").what.id


def running(name: str = "nightly orders") -> UUID:
    one = requested(name)
    record.start_restore(one, actor="ada")
    return one


def finished(name: str = "nightly orders", **how: Any) -> UUID:
    one = running(name)
    record.complete_restore(one, actor="ada", **how)
    return one


def in_state(state: RestoreState) -> UUID:
    """A restore in this state."""
    match state:
        case RestoreState.PENDING:
            return requested()
        case RestoreState.IN_PROGRESS:
            return running()
        case RestoreState.COMPLETED:
            return finished()
        case RestoreState.PARTIAL:
            return finished(outcome="partial")
        case RestoreState.OF_THE_HOST:
            if not Log().stream(stream(9)):
                Log().append([new_event(imported(9))])
                catch_up()
            return stream(9)
        case RestoreState.ANOTHER_WORD:
            one = finished()
            record.amend_restore(one, {"status": "odd"}, actor="ada", reason="so it is there")
            return one
    one = running()
    if state is RestoreState.CANCELLED:
        record.cancel_restore(one, actor="ada")
    else:
        cause = "interrupted" if state is RestoreState.INTERRUPTED else "error"
        record.fail_restore(one, actor="ada", cause=cause)
    return one


def address(one: UUID, action: str) -> str:
    return f"/restores/{one}/{action}/" + ("?column=name" if action == "amend" else "")


def form(client: Client, where: str) -> dict[str, str]:
    """The hidden fields of the form at an address, with the box ticked."""
    told = page(client, where)
    hidden = re.findall(r'<input type="hidden" name="(version|key)" value="([^"]*)"', told)
    assert [name for name, _ in hidden] == ["version", "key"]
    return {**dict(hidden), "meant": "on"}


def topics(one: UUID) -> list[str]:
    return [event.TOPIC for event in Log().stream(one)]


@pytest.mark.parametrize("state", RestoreState)
def test_each_action_is_offered_shown_and_recorded_where_the_state_allows_it(
    operator: Client, state: RestoreState
):
    for action, command in COMMANDS.items():
        one = in_state(state)
        allowed = state in ALLOWED[command]
        offered = f'href="/restores/{one}/{action}/"' in page(operator, f"/restores/{one}/")
        shown = 'name="meant"' in page(operator, address(one, action))
        assert (offered, shown) == (allowed, allowed), (action, state)
        before = topics(one)
        version = str(len(before))
        sent = {"version": version, "key": str(uuid4()), "meant": "on", **FILLED[action]}
        answer = operator.post(address(one, action), sent)
        if allowed:
            assert (answer.status_code, answer["Location"]) == (302, f"/restores/{one}/")
            assert topics(one) == [*before, RECORDED[action]]
        else:
            assert answer.status_code == 409
            assert 'role="alert"' in answer.content.decode()
            assert topics(one) == before


def test_a_row_of_the_host_can_be_corrected_and_nothing_else(operator: Client):
    one = in_state(RestoreState.OF_THE_HOST)
    where = address(one, "amend")
    operator.post(where, form(operator, where) | FILLED["amend"])
    assert topics(one)[-1] == "restore.Amended"
    told = text(page(operator, f"/restores/{one}/"))
    assert "name: nightly 7 → another name" in told
    assert "can be amended here, not started, finished or cancelled" in text(
        page(operator, address(one, "cancel"))
    )


def test_what_was_recorded_is_said_on_the_restores_page(operator: Client):
    one = finished()
    where = address(one, "validate")
    fields = {"result": "failed", "check": "row counts", "output": "orders: 3 of 4\r\nitems: 9"}
    answer = operator.post(where, form(operator, where) | fields | {"reason": "the drill"})
    assert answer.status_code == 302
    told = text(page(operator, answer["Location"]))
    assert "Recorded, at position 4: a-operator validated the restore" in told
    assert "failed, by row counts" in told
    assert "because: the drill" in told
    event = Log().stream(one)[-1]
    assert (event.result, event.check) == ("failed", "row counts")  # type: ignore[attr-defined]
    assert event.output == "orders: 3 of 4\nitems: 9"  # type: ignore[attr-defined]
    assert event.metadata.reason == "the drill"


def test_a_viewer_and_an_auditor_see_no_button_and_are_refused_by_address(database: str):
    one = finished()
    for role in ("viewer", "auditor"):
        client = browser_of(role)
        assert "/amend/" not in page(client, f"/restores/{one}/")
        for action in COMMANDS:
            for send in (client.get, client.post):
                refused = send(address(one, action), {"meant": "on"})
                assert refused.status_code == 403
                assert "you need the role operator or migrator" in text(refused.content.decode())
    assert browser_of().get(address(one, "amend")).status_code == 403
    assert Client().get(address(one, "cancel")).status_code == 302
    assert topics(one)[-1] == "restore.Completed"
    assert "/amend/" in page(browser_of("migrator"), f"/restores/{one}/")


def test_a_form_that_is_sent_twice_records_once_and_says_so(operator: Client):
    one = running()
    where = address(one, "cancel")
    sent = form(operator, where) | {"message": "the wrong target"}
    first, second = operator.post(where, sent), operator.post(where, sent)
    assert (first.status_code, second.status_code) == (302, 302)
    assert topics(one).count("restore.Cancelled") == 1
    told = text(page(operator, f"/restores/{one}/"))
    assert "Recorded, at position 3: a-operator cancelled the restore" in told
    assert "This form was recorded before, and not once more, at position 3: " in told


def test_what_somebody_recorded_in_between_is_shown_and_nothing_is_recorded(operator: Client):
    one = running()
    where = address(one, "cancel")
    sent = form(operator, where) | {"message": "hangs"}
    record.progress_restore(one, actor="grace", percent=80, phase="indexes")
    answer = operator.post(where, sent)
    told = answer.content.decode()
    assert answer.status_code == 409
    assert "Something else was recorded meanwhile" in told
    assert "grace saw the progress of the restore 'nightly orders': indexes, 80%" in text(told)
    assert "hangs" in told  # what was written is still there
    assert topics(one)[-1] == "restore.Progressed"
    again = dict(re.findall(r'name="(version|key)" value="([^"]*)"', told))
    assert again == {"version": "3", "key": sent["key"]}
    assert operator.post(where, sent | again).status_code == 302
    assert topics(one)[-1] == "restore.Cancelled"


def test_if_somebody_ended_it_in_between_that_is_what_the_page_says(operator: Client):
    one = running()
    where = address(one, "cancel")
    sent = form(operator, where)
    record.complete_restore(one, actor="grace")
    answer = operator.post(where, sent)
    told = text(answer.content.decode())
    assert answer.status_code == 409
    assert "grace completed the restore" in told
    assert "is already completed; it cannot be cancelled" in told
    assert 'name="meant"' not in answer.content.decode()


def test_a_value_is_corrected_with_the_old_one_in_view(operator: Client):
    one = finished("nightly odrers")
    told = text(page(operator, f"/restores/{one}/amend/"))
    assert "name nightly odrers nightly odrers" in told
    form_page = page(operator, address(one, "amend"))
    assert "Consolidated table nightly odrers" in text(form_page)
    assert 'value="nightly odrers"' in form_page
    where = address(one, "amend")
    sent = form(operator, where) | {"value": "nightly orders", "reason": "misspelt"}
    assert operator.post(where, sent).status_code == 302
    told = text(page(operator, f"/restores/{one}/"))
    assert "a-operator corrected name of the restore 'nightly orders'" in told
    assert "name: nightly odrers → nightly orders" in told


@pytest.mark.parametrize(
    ("column", "value", "row"),
    [
        ("started_at", "2026-01-31 22:00", ("started_at", "2026-01-31T22:00:00+00:00")),
        ("is_overwrite", "true", ("is_overwrite", "True")),
        ("duration_seconds", "90", ("duration_seconds", "90")),
        ("duration_seconds", "", ("duration_seconds", "None")),
        ("status", "partial", ("status", "partial")),
        ("message", "line one\r\nline two", ("message", "line one\nline two")),
    ],
)
def test_a_column_takes_what_it_takes_over_rest(
    operator: Client, viewer: Any, column: str, value: str, row: tuple[str, str]
):
    one = finished(message="done")
    where = f"/restores/{one}/amend/?column={column}"
    sent = form(operator, where) | {"value": value, "reason": "wrong"}
    assert operator.post(where, sent).status_code == 302
    name, expected = row
    shown = viewer.json(f"restores/{one}/")[name]
    if name == "started_at":
        shown = shown.replace("Z", "+00:00")
    assert str(shown) == expected


def test_a_source_backup_is_named_or_taken_away(operator: Client, viewer: Any):
    backup = record.register_backup(name="weekly", actor="ada").what.id
    one = finished()
    where = f"/restores/{one}/amend/?column=source_backup"
    unknown = form(operator, where) | {"value": "77", "reason": "wrong"}
    refused = operator.post(where, unknown)
    assert refused.status_code == 422
    assert "77" in text(refused.content.decode())
    sent = form(operator, where) | {"value": str(backup), "reason": "it was this one"}
    assert operator.post(where, sent).status_code == 302
    assert viewer.json(f"restores/{one}/")["source_backup"] is not None
    sent = form(operator, where) | {"value": "", "reason": "nobody knows"}
    assert operator.post(where, sent).status_code == 302
    assert viewer.json(f"restores/{one}/")["source_backup"] is None


def test_what_cannot_be_recorded_is_refused_in_words(operator: Client):
    one = finished()
    checks, amends = address(one, "validate"), address(one, "amend")
    for where, fields, said in (
        (checks, {"result": ""}, "This field is required."),
        (checks, {"result": "perhaps"}, "Select a valid choice"),
        (checks, {"result": "passed", "validated_at": "whenever"}, "This is not a time."),
        (checks, {"result": "passed", "validated_at": "2999-01-01"}, "2999"),
        (checks, {"result": "passed", "meant": ""}, "Nothing was recorded: tick the box."),
        (checks, {"result": "passed", "version": "x"}, "The form did not arrive whole."),
        (amends, {"value": "another", "reason": " "}, "This field is required."),
        (amends, {"value": "", "reason": "gone"}, "may not be blank"),
        (amends, {"value": "n" * 256, "reason": "long"}, "255 characters"),
        (amends, {"value": "nightly orders", "reason": "why"}, "this is the value that it has"),
    ):
        refused = operator.post(where, form(operator, where) | fields)
        assert refused.status_code == 422, said
        assert said in text(refused.content.decode())
    assert topics(one)[-1] == "restore.Completed"


def test_an_end_before_the_start_is_refused_as_over_rest(operator: Client):
    one = running()
    where = address(one, "interrupt")
    refused = operator.post(where, form(operator, where) | {"failed_at": "2001-01-01 00:00"})
    assert refused.status_code == 422
    assert "so it cannot have ended at 2001-01-01" in text(refused.content.decode())
    assert operator.post(where, form(operator, where)).status_code == 302
    assert "was interrupted, its outcome unknown" in text(page(operator, f"/restores/{one}/"))


def test_hostile_and_huge_texts_are_shown_and_never_obeyed(operator: Client):
    one = finished(HOSTILE, message="line\n" * 200_000)
    for action in COMMANDS:
        for where in (f"/restores/{one}/{action}/", address(one, action)):
            told = page(operator, where)
            assert "<script>alert" not in told
            assert "<img" not in told
    where = f"/restores/{one}/amend/?column=message"
    told = page(operator, where)
    assert "It replaces the whole message" in html.unescape(told)
    sent = form(operator, where) | {"value": "", "reason": "too long"}
    assert operator.post(where, sent).status_code == 302
    where = address(one, "validate")
    hostile = {"result": "passed", "check": HOSTILE, "output": HOSTILE, "reason": HOSTILE}
    assert operator.post(where, form(operator, where) | hostile).status_code == 302
    assert "<script>alert" not in page(operator, f"/restores/{one}/")


def test_only_a_restore_has_actions(operator: Client):
    one = finished()
    backup = record.register_backup(name="weekly", actor="ada").what.id
    for where in (
        f"/restores/{backup}/cancel/",
        f"/restores/{backup}/",
        f"/restores/{UUID(int=3)}/cancel/",
        f"/restores/{one}/delete/",
        "/restores/7/cancel/",
    ):
        assert operator.get(where).status_code == 404, where


def test_a_forged_form_records_nothing(database: str):
    one = finished()
    client = Client(enforce_csrf_checks=True)
    client.force_login(accounts.create("ada", roles=["operator"]))
    sent = {"version": "3", "key": str(UUID(int=7)), "meant": "on", "result": "passed"}
    assert client.post(address(one, "validate"), sent).status_code == 403
    assert topics(one)[-1] == "restore.Completed"
