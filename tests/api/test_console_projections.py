"""The tables on their page: how each stands, and a rebuild that disturbs no reader."""

import re

import pytest
from django.db import connections
from django.test import Client

from infrastructure.maintenance.models import MaintenanceRun, RunKind, RunOutcome
from infrastructure.maintenance.runs import ask, end
from projections.engine.models import Generation, GenerationState
from projections.engine.registry import PROJECTIONS
from projections.services import record
from projections.system_backups.models import RestoreLog
from tests.api.test_console_actions import browser_of
from tests.api.test_console_restores import HOSTILE, page, text
from tests.support import raw
from tests.support.maintenance import at_work, carried_out

PAGE = "/projections/"
TABLE = "system_backups.RestoreLog"
MEANT = {"meant": "on", "table": ""}


@pytest.fixture
def migrator(database: str, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A migrator with a browser, of a service whose processes work on the test's database."""
    monkeypatch.setenv("DATABASE_URL", database)
    return browser_of("migrator")


def recorded(count: int) -> None:
    for number in range(count):
        record.request_restore(name=f"restore {number}", actor="ada")


def row_of(told: str, label: str = TABLE) -> str:
    """What the first table of the page says of a projection."""
    (row,) = re.findall(
        rf"<tr>\s*<td class=\"main\">{re.escape(label)}<.*?</tr>",
        told.partition("</table>")[0],
        re.S,
    )
    return text(row)


def test_every_table_is_shown_with_its_state_rows_position_and_generation(migrator: Client):
    recorded(3)
    told = page(migrator, PAGE)
    for label in PROJECTIONS:
        row_of(told, label)
    live = Generation.objects.get(label=TABLE, state=GenerationState.LIVE)
    expected = f"{TABLE} live 3 0 3 0 {live.pk}, version {live.projector_version}, rows: "
    assert row_of(told).startswith(expected)
    assert "The log ends at position 3." in text(told)


def test_a_table_that_lags_or_asks_for_a_rebuild_says_so_and_what_to_do(
    migrator: Client, database: str
):
    recorded(2)
    connections.close_all()
    raw.execute(
        database,
        "UPDATE engine_generation SET projector_version = 0, position = 1, hash = "
        "(SELECT hash FROM event_store_event WHERE position = 1) "
        f"WHERE label = '{TABLE}' AND state = 'live'",
    )
    row = row_of(page(migrator, PAGE))
    assert "rebuild required" in row
    assert "Rebuild it." in row
    assert re.search(r" 1 1 event, \d+ s ", row)


def test_a_rebuild_makes_a_wrong_table_right_and_its_result_stays(migrator: Client, database: str):
    recorded(3)
    connections.close_all()
    raw.execute(database, "DELETE FROM system_backups_restorelog WHERE name = 'restore 1'")
    before = Generation.objects.get(label=TABLE, state=GenerationState.LIVE).pk
    answer = migrator.post(PAGE, {**MEANT, "table": TABLE})
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    assert carried_out().outcome == RunOutcome.DONE
    assert RestoreLog.objects.count() == 3
    assert Generation.objects.get(label=TABLE, state=GenerationState.LIVE).pk > before
    told = text(page(migrator, PAGE))
    assert f"a-migrator Rebuild of {TABLE} done all is well {TABLE}: 3 rows 3 " in told


def test_all_tables_are_rebuilt_if_none_is_named(migrator: Client):
    recorded(1)
    migrator.post(PAGE, MEANT)
    run = carried_out()
    assert run.outcome == RunOutcome.DONE
    assert [one["label"] for one in run.result["tables"]] == list(PROJECTIONS)
    assert "a-migrator Rebuild of all tables done" in text(page(migrator, PAGE))


def test_a_rebuild_that_cannot_be_done_says_why(migrator: Client, database: str):
    recorded(1)
    connections.close_all()
    raw.execute(database, "UPDATE engine_generation SET position = 99 WHERE state = 'live'")
    migrator.post(PAGE, MEANT)
    assert carried_out().outcome == RunOutcome.FAILED
    told = text(page(migrator, PAGE))
    assert "failed could not be done: The log ends at position 1" in told


def test_only_a_migrator_rebuilds_and_only_on_purpose(migrator: Client):
    recorded(1)
    for role in ("viewer", "operator", "auditor"):
        client = browser_of(role)
        told = page(client, PAGE)
        assert "To rebuild, you need the role migrator." in text(told)
        assert 'name="meant"' not in told
        refused = client.post(PAGE, MEANT)
        assert refused.status_code == 403
        assert "you need the role migrator" in text(refused.content.decode())
    assert browser_of().get(PAGE).status_code == 403
    assert Client().get(PAGE).status_code == 302
    button_alone = migrator.post(PAGE, {"table": ""})
    assert button_alone.status_code == 422
    assert "Nothing was started: tick the box." in text(button_alone.content.decode())
    assert migrator.post(PAGE, {**MEANT, "table": "no.such"}).status_code == 422
    assert MaintenanceRun.objects.count() == 0


def test_a_second_rebuild_is_refused_in_words_and_a_killed_one_is_noticed(
    migrator: Client, database: str
):
    recorded(1)
    with at_work(database, RunKind.REBUILD) as process:
        told = text(page(migrator, PAGE))
        assert "running Rebuild of all tables , asked for by grace" in told
        assert "40%: 400,000 of 1,000,000 events" in told
        refused = migrator.post(PAGE, MEANT)
        assert refused.status_code == 409
        assert "is running already, and one runs at a time" in text(refused.content.decode())
        process.kill()
        process.wait()
        told = text(page(migrator, PAGE))
        assert "lost its process ended without a result" in told
    migrator.post(PAGE, MEANT)
    assert carried_out().outcome == RunOutcome.DONE


def test_the_page_stays_small_and_obeys_no_text(migrator: Client):
    recorded(1)
    Generation.objects.filter(state=GenerationState.LIVE).update(error=HOSTILE + "x" * 100_000)
    for _ in range(30):
        run = ask(RunKind.REBUILD, actor=HOSTILE[:150])
        end(run, RunOutcome.FAILED, {"error": HOSTILE + "x" * 100_000})
    told = page(migrator, PAGE)
    assert "<script>alert" not in told
    assert "<img" not in told
