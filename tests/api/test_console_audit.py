"""The pages of the audit log, as an auditor asks them, without a terminal and without JSON."""

import csv
import html
import io
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from domain.administration.events import LoginFailed
from domain.consolidation.consolidation import CONSOLIDATION_ID
from domain.consolidation.events import ColumnsChosen, HostAdopted
from domain.events import Metadata
from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from infrastructure.recording.accounts import record_occurrence
from projections.engine.catch_up import catch_up
from projections.services import record
from tests.api.conftest import Reader
from tests.api.test_audit_filters import known as known_log
from tests.api.test_console_backups import browser
from tests.api.test_console_restores import HOSTILE, page, text
from tests.builders import NOON, imported, requested, started, stream
from tests.support import here

WORK = UUID(int=77)
known = known_log
"""Three hundred events of a few streams."""


@pytest.fixture
def olga(database: str) -> Client:
    """An auditor with a browser."""
    return browser("olga", "auditor")


def positions(told: str) -> list[int]:
    """The positions of the events of a list, from above."""
    return [int(one) for one in re.findall(r'<li id="event-(\d+)"', told)]


def entry(told: str, position: int) -> str:
    """What a list says of one event."""
    (found,) = re.findall(rf'<li id="event-{position}".*?</p>\s*</li>', told, re.DOTALL)
    return text(found)


def links(told: str) -> dict[str, str]:
    """The addresses of a page by what is written on them; of several, the last."""
    return {
        text(label): html.unescape(address)
        for address, label in re.findall(r'<a [^>]*?href="([^"]*)"[^>]*>(.*?)</a>', told, re.DOTALL)
    }


def asked(client: Client, address: str) -> str:
    """The page that a link of the audit log leads to."""
    return page(client, address if address.startswith("/") else f"/audit/{address}")


@pytest.fixture
def work(database: str) -> Any:
    """A restore that overwrote, was started on behalf of grace, failed, and was amended."""
    one = record.request_restore(
        name="nightly orders",
        actor="ada",
        target_database="orders",
        is_overwrite=True,
        reason="the monthly drill",
        requested_at=timezone.now() - timedelta(hours=1),
    ).what
    record.start_restore(one.id, actor="bot", on_behalf_of="grace", correlation=WORK)
    record.fail_restore(one.id, actor="bot", message="disk full", correlation=WORK)
    record.amend_restore(one.id, {"name": "nightly"}, actor="ada", reason="it was misnamed")
    record.request_restore(name="another", actor="grace")
    return one


def test_each_event_is_told_with_both_clocks_who_for_whom_why_and_what_it_changed(
    olga: Client, work: Any
):
    told = page(olga, "/audit/")
    assert positions(told) == sorted(positions(told), reverse=True)
    (amended,) = [p for p in positions(told) if "corrected" in entry(told, p)]
    said = entry(told, amended)
    assert "ada corrected name of the restore 'nightly' , because: it was misnamed" in said
    assert "name: nightly orders → nightly" in said
    asked_for = entry(told, amended - 3)
    assert len(re.findall(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2} UTC", asked_for)) == 2
    begun = entry(told, amended - 2)
    assert "bot for grace started the restore 'nightly'" in begun
    assert "status: pending → in_progress" in begun
    assert f'href="/restores/{work.id}/"' in told


def test_the_three_questions_of_an_auditor_are_a_click_each(olga: Client, work: Any):
    log = page(olga, "/audit/")
    # Everything that one person did, or that was done for her: by her name, wherever it stands.
    hers = asked(olga, links(log)["grace"])
    assert [entry(hers, p).split(" UTC ")[1][:24] for p in positions(hers)] == [
        "grace requested the rest",
        "bot for grace started th",
    ]
    # Every overwrite: who asked for it, and why.
    overwrites = asked(olga, links(log)["Overwrites"])
    (only,) = positions(overwrites)
    assert "ada requested the restore 'nightly orders' (database) into orders, overwriting" in (
        entry(overwrites, only)
    )
    assert "because: the monthly drill" in entry(overwrites, only)
    # Every amendment: the old value, the new one, and why.
    amendments = asked(olga, links(log)["Amendments"])
    (only,) = positions(amendments)
    assert "because: it was misnamed" in entry(amendments, only)
    assert "name: nightly orders → nightly" in entry(amendments, only)


def test_one_group_takes_the_place_of_another_and_a_second_click_takes_it_back(
    olga: Client, work: Any
):
    overwrites = asked(olga, links(page(olga, "/audit/?person=ada"))["Overwrites"])
    assert links(overwrites)["Amendments"] == "?person=ada&topic=restore.Amended"
    assert links(overwrites)["Overwrites"] == "?person=ada"
    assert "kinds: Failed logins" in text(
        asked(olga, links(page(olga, "/audit/"))["Failed logins"])
    )


def test_accounts_exports_and_failed_logins_are_in_it(olga: Client):
    here.run("accounts", "create", "bob", "--role", "viewer")
    record_occurrence(
        Log(), LoginFailed, "one period", actor="service", account="bob", account_id=7,
        name_digest=None, address="192.0.2.1", means="password", failures=5, refused=0,
        first_at=NOON, last_at=NOON, locked_until=None,
    )  # fmt: skip
    export = olga.get("/api/v1/exports/restores/?status=failed")
    assert b"".join(export.streaming_content)  # type: ignore[attr-defined]
    log = page(olga, "/audit/")
    administration = text(asked(olga, links(log)["Administration"]))
    assert "created the account bob with viewer" in administration
    assert "What bob did" in administration
    failed = asked(olga, links(log)["Failed logins"])
    assert "service 5 failed logins of bob by password from 192.0.2.1" in text(failed)
    taken = asked(olga, links(log)["Exports and reading"])
    assert "olga took 0 rows of restores as csv" in text(taken)
    assert positions(taken)
    event = page(olga, f"/audit/events/{positions(taken)[0]}/")
    assert "administration.ExportTaken" in event


def test_a_list_has_the_events_of_rest_for_the_same_query(
    olga: Client, auditor: Reader, known: list[dict[str, Any]]
):
    for query in (
        {},
        {"person": "ada"},
        {"actor": "ada", "topic": "restore.Started"},
        {"on_behalf_of": "adam"},
        {"topic_in": "restore.Requested,backup.Registered", "position_max": "200"},
        {"stream": str(stream(3))},
        {"stream": str(stream(3)), "person": "import"},
        {"correlation": known[5]["correlation"]},
        {"causation": known[9]["causation"]},
        {"last": "24h"},
        {"since": "24h", "position_min": "250"},
        {"person": 'e"ve'},
        {"ordering": "position"},
    ):
        if "None" in query.values():
            continue
        asked_for = {"ordering": "-position", "page_size": "1000", "words": "true", **query}
        rest = auditor.json("audit/events/", **asked_for)["results"]
        expected = {event["position"]: event["what"] for event in rest}
        seen: list[int] = []
        address: str | None = f"/audit/?{urlencode(query)}"
        while address:
            told = page(olga, address)
            seen += positions(told)
            for position in positions(told):
                assert (expected[position] or "")[:60] in entry(told, position)
            following = re.findall(r'href="([^"]*)" rel="next"', told)
            address = f"/audit/{html.unescape(following[0])}" if following else None
        assert seen == list(expected), query


def test_the_newest_events_are_those_of_the_first_page_and_pages_lead_back(
    olga: Client, known: list[dict[str, Any]]
):
    first = page(olga, "/audit/")
    assert "data-live" in first
    (older,) = re.findall(r'href="([^"]*)" rel="next"', first)
    second = page(olga, f"/audit/{html.unescape(older)}")
    assert "data-live " not in second
    assert positions(second)[0] == positions(first)[-1] - 1
    (newer,) = re.findall(r'href="([^"]*)" rel="prev"', second)
    back = page(olga, f"/audit/{html.unescape(newer)}")
    assert positions(back) == positions(first)
    record.request_restore(name="the newest", actor="ada")
    again = page(olga, "/audit/")
    assert positions(again)[0] == positions(first)[0] + 1
    assert "the newest" in again


def test_one_search_finds_the_events_of_restores_and_backups_by_words_or_id(
    olga: Client, work: Any
):
    backup = record.register_backup(name="weekly orders", actor="ada").what
    found = page(olga, f"/audit/?search={backup.id}")
    assert "registered the backup 'weekly orders'" in text(found)
    assert len(positions(found)) == 1
    nightly = page(olga, "/audit/?search=nightly&person=ada")
    assert len(positions(nightly)) == 2
    events = positions(page(olga, f"/audit/?search={work.id}"))
    assert len(events) == 4
    row = re.search(r", id (\d+)", text(page(olga, f"/backups/{backup.id}/")))
    assert row is not None
    assert positions(page(olga, f"/audit/?search={row[1]}")) == positions(found)
    assert "No event matches." in page(olga, "/audit/?search=nothing-like-it")


def test_words_of_rows_that_are_in_the_legacy_table_alone_are_found_too(olga: Client):
    alone = imported(1, columns=imported(1).columns | {"name": "monthly ledger"})
    Log().append([new_event(alone)])
    catch_up()
    # Before a cut-over the list of restores does not have it.
    assert "monthly ledger" not in page(olga, "/restores/")
    found = page(olga, "/audit/?search=ledger+monthly")
    assert "import found the restore 'monthly ledger' in the host's legacy table" in text(found)
    assert len(positions(found)) == 1


def test_what_was_overwritten_and_what_a_search_finds_are_taken_as_files(olga: Client, work: Any):
    for query, found in (("overwrites=true", ["ada"]), ("search=nightly", ["ada", "bot"])):
        told = page(olga, f"/audit/?{query}")
        assert "NDJSON with proof" not in links(told)
        response = olga.get(links(told)["CSV"])
        file = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
        rows = list(csv.DictReader(io.StringIO(file)))
        assert sorted(int(row["position"]) for row in rows) == sorted(positions(told))
        assert sorted({row["actor"] for row in rows}) == found
    taken = page(olga, "/audit/?topic=administration.ExportTaken")
    assert "overwrites" in text(page(olga, f"/audit/events/{positions(taken)[-1]}/"))


def test_many_overwrites_are_found_as_few_are(olga: Client, monkeypatch: pytest.MonkeyPatch):
    for number in range(6):
        record.request_restore(name=f"r{number}", actor="ada", is_overwrite=number % 2 == 0)
    few = positions(page(olga, "/audit/?overwrites=true"))
    assert len(few) == 3
    monkeypatch.setattr("api.v1.audit.of_restores.FEW", 2)
    assert positions(page(olga, "/audit/?overwrites=true")) == few
    assert (
        positions(page(olga, f"/audit/?overwrites=true&person=ada&position_max={few[1]}"))
        == (few[1:])
    )
    assert "More than 2 restores match" in text(page(olga, "/audit/?search=r", 400))


def test_one_event_has_its_proof_and_leads_to_what_led_to_it_and_what_it_led_to(olga: Client):
    adopted = HostAdopted(
        originator_id=CONSOLIDATION_ID, originator_version=1, metadata=Metadata(actor="ada"),
        host_id=UUID(int=1), fingerprint="f", id_offset=10**12,
    )  # fmt: skip
    chosen = ColumnsChosen(
        originator_id=CONSOLIDATION_ID, originator_version=2,
        metadata=Metadata(actor="ada", causation=adopted.event_id, correlation=WORK), columns={},
    )  # fmt: skip
    because = Metadata(actor="import", causation=chosen.event_id, correlation=WORK)
    events = [adopted, chosen, *(imported(n, n, metadata=because) for n in range(1, 14))]
    before = Log().head().position
    Log().append([new_event(one) for one in events])
    catch_up()
    told = page(olga, f"/audit/events/{before + 2}/")
    said = text(told)
    assert "ada settled which columns of the host fill which columns here" in said
    assert "ada bound the log to its host" in said
    assert said.count("import found the restore") == 10
    assert "no reason given" in said
    every = asked(olga, links(told)["All that it led to"])
    assert len(positions(every)) == 13
    assert len(positions(asked(olga, links(told)["All events of it"]))) == 14
    raw = Log().hash_at(before + 2)
    assert raw is not None
    assert raw.hex() in said
    assert links(told)["The event before it"] == f"/audit/events/{before + 1}/"
    file = olga.get(links(told)["This event with its proof, as NDJSON"])
    assert b'"restore-log-events' in b"".join(file.streaming_content)  # type: ignore[attr-defined]


def test_the_earlier_address_of_a_restores_event_still_shows_it(olga: Client, work: Any):
    vic = browser("vic", "viewer")
    (position,) = positions(page(olga, "/audit/?topic=restore.Failed"))
    for client, offered in ((olga, True), (vic, False)):
        told = page(client, f"/restores/{work.id}/events/{position}/")
        assert "bot reported that the restore 'nightly' failed: disk full" in text(told)
        assert '"message": "disk full"' in text(told)
        assert ("/audit/" in told) is offered
    assert vic.get(f"/audit/events/{position}/").status_code == 403


def test_a_reader_of_restores_sees_nothing_of_accounts_by_any_address(olga: Client):
    vic = browser("vic", "viewer")
    here.run("accounts", "create", "bob", "--role", "viewer")
    (event, *_) = positions(page(olga, "/audit/?topic=administration.AccountCreated"))
    told = page(olga, f"/audit/events/{event}/")
    (account,) = re.findall(r"Stream</dt><dd><code>([0-9a-f-]{36})</code>", told)
    for kind in ("restores", "backups"):
        for address in (f"/{kind}/{account}/", f"/{kind}/{account}/events/{event}/"):
            assert vic.get(address).status_code == 404
            assert olga.get(address).status_code == 404


def test_only_auditors_see_it_and_whoever_may_not_is_told_which_role_it_needs(database: str):
    for role in ("viewer", "operator", "migrator"):
        client = browser(role, role)
        refused = client.get("/audit/")
        assert refused.status_code == 403
        assert "you need the role auditor" in refused.content.decode()
        assert 'href="/audit/"' not in page(client, "/restores/")
    assert 'href="/audit/"' in page(browser("olga", "auditor"), "/restores/")
    assert Client().get("/audit/").status_code == 302


def test_looking_at_pages_is_not_recorded_and_a_file_taken_from_them_is(olga: Client, work: Any):
    before = Log().head().position
    told = page(olga, "/audit/?person=ada")
    page(olga, f"/audit/events/{positions(told)[0]}/")
    assert Log().head().position == before
    address = links(told)["CSV"]
    file = b"".join(olga.get(address).streaming_content).decode()  # type: ignore[attr-defined]
    assert file.count("\n") == len(positions(told)) + 1
    assert Log().head().position == before + 1
    for form in ("NDJSON", "NDJSON with proof"):
        lines = b"".join(olga.get(links(told)[form]).streaming_content)  # type: ignore[attr-defined]
        assert lines.count(b"\n") >= len(positions(told)), form


def test_what_cannot_be_listed_is_said_in_words(olga: Client):
    assert "There is no filter 'topc'." in text(page(olga, "/audit/?topc=x", 400))
    assert "There is no" in text(page(olga, "/audit/?topic=restore.Exploded", 400))
    assert "Begin with the first." in text(page(olga, "/audit/?cursor=x", 400))
    assert "Cannot order by" in text(page(olga, "/audit/?ordering=actor", 400))
    for query in ("since=whenever", "stream=x", "overwrites=maybe", f"search={'w ' * 11}"):
        assert 'role="alert"' in page(olga, f"/audit/?{query}", 400)
    for position in (0, 999_999, 10**30):
        assert olga.get(f"/audit/events/{position}/").status_code == 404


def test_text_that_hosts_and_programs_wrote_is_shown_and_never_obeyed(olga: Client):
    shown = "\"'><script>alert(1)</script>&{{ 7|add:7 }}"
    one = record.request_restore(
        name=HOSTILE, actor=shown, target_database=HOSTILE[:100], reason=HOSTILE,
        on_behalf_of=shown,
    ).what  # fmt: skip
    record.start_restore(one.id, actor=shown)
    record.fail_restore(one.id, actor=shown, message=HOSTILE)
    record.amend_restore(one.id, {"name": f"{HOSTILE}!"}, actor=shown, reason=HOSTILE)
    record.register_backup(name=HOSTILE, actor=shown)
    log = page(olga, "/audit/")
    assert "\u202e" not in log
    assert positions(asked(olga, links(log)[shown]))
    addresses = [
        *("/audit/", f"/audit/?{urlencode({'person': HOSTILE})}", f"/audit/?search={HOSTILE[:99]}"),
        *(f"/audit/events/{position}/" for position in positions(log)),
    ]
    for address in addresses:
        told = page(olga, address)
        assert "<script>alert" not in told
        assert "<img" not in told
    for query in ("topic", "stream", "correlation", "since", "overwrites", "cursor", HOSTILE):
        told = page(olga, f"/audit/?{urlencode({query: HOSTILE})}", 400)
        assert "<script>alert" not in told


def test_pages_stay_small_and_are_made_of_few_statements_whatever_is_in_the_events(olga: Client):
    wide = "𝕏" * 255
    made = []
    for number in range(12):
        one = record.request_restore(
            name=wide, actor="ada", target_database=wide[:100], reason="𝕏" * 900
        ).what
        record.start_restore(one.id, actor="ada")
        record.fail_restore(one.id, actor="ada", message="line\n" * 20_000)
        record.amend_restore(
            one.id,
            {"name": f"{wide[:250]}{number}", "message": wide * 40, "target_database": wide[:99]},
            actor="ada",
            reason="𝕏" * 900,
        )
        made.append(one)
    seen, address = [], "/audit/"
    while address:
        told = page(olga, address)
        seen += positions(told)
        following = re.findall(r'href="([^"]*)" rel="next"', told)
        address = f"/audit/{html.unescape(following[0])}" if following else ""
    assert seen == list(range(Log().head().position, 0, -1))
    for position in seen[:5]:
        page(olga, f"/audit/events/{position}/")


def test_a_long_history_says_where_its_changes_are_told(olga: Client):
    events = [requested(1), *(started(1, version) for version in range(2, 504))]
    Log().append([new_event(one) for one in events])
    catch_up()
    told = page(olga, "/audit/")
    head = Log().head().position
    assert "What it changed is on its own page" in entry(told, head)
    page(olga, f"/audit/events/{head}/")


def test_the_rows_of_a_restore_can_be_stepped_through(olga: Client, work: Any):
    told = page(olga, f"/restores/{work.id}/")
    stops = re.findall(r'<li data-position="(\d*)">', told)
    assert stops[-1] == ""
    events = positions(page(olga, f"/audit/?stream={work.id}"))
    assert [int(one) for one in stops[:-1]] == events[::-1]
    assert re.search(r'<label for="moments">.*?<input type="range" id="moments"', told, re.DOTALL)
    then = page(olga, f"/restores/{work.id}/?as_of={stops[1]}")
    assert f'data-slider="{stops[1]}"' in then
    assert "status in_progress" in text(then)


def test_many_events_with_long_outputs_are_read_together(olga: Client):
    for number in range(20):
        one = record.request_restore(name=f"nightly {number}", actor="ada").what
        record.start_restore(one.id, actor="ada")
        record.fail_restore(one.id, actor="ada", message="disk full", output="block\n" * 10_000)
    told = page(olga, "/audit/")
    assert told.count("disk full") >= 5
    page(olga, "/audit/?topic_in=restore.Failed")
    page(olga, "/audit/events/60/")
