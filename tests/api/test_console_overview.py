"""The overview: what runs, what failed, how the last days were, and whether all is well."""

import html
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.utils import timezone

from api import accounts
from infrastructure.event_store.anchor import FORMAT, Anchor
from infrastructure.maintenance.anchors import note_issued
from infrastructure.maintenance.models import RunKind, RunOutcome
from infrastructure.maintenance.runs import ask, end
from projections.engine.catch_up import catch_up
from projections.engine.models import Generation
from projections.services import record
from tests.api.rows import backup, hours, put, restore
from tests.api.test_console_live import LivePart, running
from tests.api.test_console_restores import HOSTILE, page, text


@pytest.fixture
def person(database: str) -> Client:
    client = Client()
    client.force_login(accounts.create("vic", roles=["viewer"]))
    return client


def section(told: str, name: str) -> str:
    """What a section of the page says, without tags."""
    (found,) = re.findall(rf'aria-labelledby="{name}">(.*?)</section>', told, re.DOTALL)
    return text(found)


def ended(how: str, seconds: int = 60) -> Any:
    """A restore that took so many seconds up to now."""
    now = timezone.now()
    return record.record_finished_restore(
        name=f"{how} one",
        actor="ada",
        status=how,
        target_database="orders",
        started_at=now - timedelta(seconds=seconds),
        completed_at=now,
        message="disk full" if how == "failed" else "",
    ).what


def test_what_runs_is_shown_with_how_far_it_is_and_for_how_long(person: Client):
    one = running(percent=42.0, phase="loading orders")
    record.request_restore(name="not begun yet", actor="ada")
    said = section(page(person, "/"), "running")
    assert re.search(r"nightly orders in progress 42% loading orders orders \d+ s \d{4}-", said)
    assert re.search(r"not begun yet pending not reported \d+ s none", said)
    assert f'href="/restores/{one.id}/"' in page(person, "/")
    with override_settings(HEARTBEAT_SILENCE=-1):
        assert "silent since" in section(page(person, "/"), "running")


def test_those_that_somebody_watches_come_before_those_that_a_host_never_ended(person: Client):
    running("nightly orders", percent=42.0)
    for number in range(12):
        running(f"left over {number}")
    said = section(page(person, "/"), "running")
    assert said.index("nightly orders") < said.index("left over")


def test_the_live_part_is_asked_for_alone_and_follows_a_restore_to_its_end(person: Client):
    one = running()
    part = LivePart(page(person, "/"), "now")
    assert "nightly orders in progress" in text(part.inside)
    record.fail_restore(one.id, actor="ada", message="disk full")
    part = part.again(person)
    assert "Running now No restore runs." in text(part.inside)
    assert re.search(r"Failed in the last 7 days .*nightly orders disk full", text(part.inside))
    alone = person.get("/", headers={"HX-Target": "now"}).content.decode()
    assert "The last 30 days" not in alone
    assert part.again(person).is_live


def test_the_last_30_days_are_told_in_figures_as_a_table_and_for_the_chart(person: Client):
    catch_up()
    for how, seconds in (("completed", 60), ("completed", 60), ("partial", 60), ("failed", 600)):
        ended(how, seconds)
    told = page(person, "/")
    said = section(told, "days")
    assert "50.0% completed, of 4 that ended 1 failed" in said
    assert "1 min half took no longer than this" in said
    assert re.search(r"(9 min 5\d s|10 min( \d s)?) 95% took no longer than this", said)
    today = f"{timezone.now():%Y-%m-%d}"
    assert re.search(rf"{today} 2 1 1 0 50.0% 1 min", said)
    (chart,) = re.findall(r'data-chart="([^"]*)"', told)
    drawn = json.loads(html.unescape(chart))
    assert (len(drawn["days"]), drawn["days"][-1]) == (30, today)
    assert [drawn[how][-1] for how in ("completed", "partial", "failed")] == [2, 1, 1]
    assert sum(drawn["failed"]) == 1
    answer = person.get("/api/v1/statistics/", {"since": drawn["days"][0]}).json()["total"]
    assert (answer["restores"], answer["success_rate"]) == (4, 0.5)


def test_one_failure_among_many_leaves_no_hundred_per_cent(person: Client):
    catch_up()
    with connection.cursor() as cursor:
        for how in ("completed", "failed"):
            ended(how)
        cursor.execute("UPDATE statistics_restoresums SET completed = 99999 WHERE completed = 1")
    assert "99.9% completed, of 100,000 that ended 1 failed" in section(page(person, "/"), "days")


def test_backups_that_nobody_tried_are_named(person: Client):
    now = timezone.now()
    put(
        *(backup(id, created_at=now - hours(id)) for id in range(1, 5)),
        backup(9, created_at=now - timedelta(days=40)),
    )
    put(
        restore(1, source_backup_id=1, created_at=now, validation="passed"),
        restore(2, source_backup_id=2, created_at=now),
        restore(3, source_backup_id=3, created_at=now, status="failed", validation="passed"),
    )
    said = section(page(person, "/"), "backups")
    assert "1 of 4 were never restored 3 had no restore whose data was checked" in said
    assert re.findall(r"backup \d", said) == ["backup 2", "backup 3", "backup 4"]


def test_only_what_failed_lately_counts_as_failed_lately(person: Client):
    now = timezone.now()
    put(
        restore(1, name="last night", status="failed", created_at=now - hours(9)),
        restore(2, name="last month", status="failed", created_at=now - timedelta(days=30)),
        restore(3, name="next year", status="failed", created_at=now + timedelta(days=365)),
    )
    said = section(page(person, "/"), "failed")
    assert "last night" in said
    assert "last month" not in said
    assert "next year" not in page(person, "/")


def test_more_than_is_shown_is_one_click_away(person: Client):
    now = timezone.now()
    put(
        *(restore(id, status="failed", created_at=now - hours(1)) for id in range(1, 21)),
        *(restore(id, status="in_progress", created_at=now - hours(1)) for id in range(21, 41)),
    )
    told = page(person, "/")
    for link in ("?status_in=in_progress,pending", "?status=failed&amp;last=7+days"):
        assert f'href="/restores/{link}"' in told
        shown = page(person, f"/restores/{html.unescape(link)}")
        assert len(re.findall('<td class="main"', shown)) == 20
    for address in set(re.findall(r'href="(/restores/[?][^"]*)"', told)):
        page(person, html.unescape(address))


def test_a_table_that_stopped_is_said_first(person: Client):
    catch_up()
    ended("completed")
    assert "Table" in section(page(person, "/"), "tables")
    Generation.objects.filter(label="system_backups.RestoreLog").update(error="disk full")
    part = LivePart(page(person, "/"), "now")
    assert text(part.inside).startswith("system_backups.RestoreLog is stopped at position 3.")
    assert "disk full" in text(part.again(person).inside)


def test_the_log_says_how_far_it_is_and_when_it_was_compared_with_the_host(
    imported: str, person: Client
):
    said = section(page(person, "/"), "tables")
    assert re.search(r"Log [\d,]+ events, the last at \d{4}-", said)
    assert "Compared with the host not yet: there is no certificate" in said
    assert "system_backups.RestoreLog live" in said


def test_the_last_check_and_the_last_anchor_are_told(person: Client):
    ended("completed")
    said = section(page(person, "/"), "tables")
    assert "Checked not yet: see Integrity" in said
    assert "Last anchor none yet: see Integrity" in said
    for position, outcome in ((2, RunOutcome.DONE), (3, RunOutcome.FOUND)):
        end(ask(RunKind.VERIFY, actor="grace"), outcome, {"position": position})
        note_issued(anchor_at(position))
        if outcome is RunOutcome.DONE:
            said = section(page(person, "/"), "tables")
            assert re.search(r"Checked whole up to position 2, \d{4}-\d\d-\d\d \d\d:\d\d UTC", said)
            assert "Last anchor position 2, 2026-01-30 22:30 UTC" in said
    # What could not be carried out says nothing of the log, nor does a rebuild.
    end(ask(RunKind.VERIFY, actor="grace"), RunOutcome.FAILED, {"error": "disk full"})
    end(ask(RunKind.REBUILD, actor="grace"), RunOutcome.DONE, {"position": 1, "tables": []})
    said = section(page(person, "/"), "tables")
    assert "Checked problem found The hash chain is whole up to position 3, " in said
    assert "Last anchor position 3, 2026-01-31 22:30 UTC" in said


def anchor_at(position: int) -> Anchor:
    issued_at = f"2026-01-{28 + position}T22:30:00Z"
    return Anchor(
        format=FORMAT, log="", position=position, head="", issued_at=issued_at, issued_by="grace"
    )


def test_a_million_characters_and_hostile_words_leave_it_small_and_harmless(person: Client):
    catch_up()
    now, wide = timezone.now(), "𝕏" * 255
    for _ in range(12):
        one = running(HOSTILE, phase=HOSTILE * 9)
        record.fail_restore(one.id, actor="ada", message=HOSTILE * 1_000)
        running(wide[:250], phase=wide)
    put(*(backup(id, name=wide, database_name=wide[:100], created_at=now) for id in range(1, 700)))
    told = page(person, "/")
    assert "<script>alert" not in told
    assert "<img" not in told
    assert "of the latest 500 were never restored" in section(told, "backups")


def test_an_empty_service_says_what_to_do_and_no_figures_are_made_up(person: Client):
    told = page(person, "/")
    assert "manage.py import_host" in section(told, "latest")
    assert "No restore ended in the last 30 days." in section(told, "days")
    assert "data-chart" not in told
    assert "The log knows of none." in section(told, "backups")


def test_who_may_not_read_is_told_how_to_and_sees_nothing(database: str):
    running("secret restore")
    client = Client()
    client.force_login(accounts.create("nobody"))
    for headers in ({}, {"HX-Target": "now"}):
        told = client.get("/", headers=headers).content.decode()
        assert "manage.py accounts role nobody viewer" in told
        assert "secret restore" not in told
