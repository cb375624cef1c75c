"""`describe`: one page that says what became of a restore."""

from uuid import UUID

import pytest
from django.test import override_settings

from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from projections.engine.catch_up import catch_up
from projections.services import record
from projections.services.interruption import heartbeat
from tests.builders import NOON, OFFSET, imported, minutes, stream
from tests.support import here


@pytest.fixture
def failed(database: str) -> UUID:
    """A restore that said a lot, and then failed."""
    restore = record.request_restore(
        name="orders after release",
        actor="backup-bot",
        on_behalf_of="ada",
        reason="ticket OPS-1",
        restore_type="database",
        target_database="orders",
        is_overwrite=True,
        attributes={"ticket": "OPS-1", "ratio": 0.5},
        requested_at=NOON,
    ).what.id
    record.start_restore(
        restore, actor="backup-bot", started_at=NOON, command="pg_restore x\x1b[31m", host="db1"
    )
    record.fail_restore(
        restore,
        actor="backup-bot",
        failed_at=NOON + minutes(3),
        message="disk full",
        exit_code=1,
        errors=["no space left"],
        warnings=["role does not exist"] * 12,
        warnings_count=40,
        output="".join(f"item {n}\n" for n in range(30)),
    )
    return restore


def fields(text: str) -> dict[str, list[str]]:
    """The page's lines by their labels, up to the timeline."""
    found: dict[str, list[str]] = {}
    label = ""
    for line in text.split("\n\n")[0].splitlines():
        if not line.startswith(" "):
            label = line.split("  ")[0]
        found.setdefault(label, []).append(line.removeprefix(label).strip())
    return found


def test_a_failed_restore_says_what_matters(failed: UUID):
    text = here.run("describe", str(failed), tz="Asia/Tokyo").out
    page = fields(text)
    assert page["status"] == ["failed (exit code 1)"]
    assert page["target"] == ["orders (overwritten)"]
    assert page["started"][0].startswith("2025-06-01 21:00:00 +09:00 (")
    assert page["started"][0].endswith(" ago)")
    assert page["took"] == ["3 minutes"]
    assert (page["who"], page["why"]) == (["backup-bot as ada"], ["ticket OPS-1"])
    assert page["errors"] == ["1", "no space left"]
    assert page["warnings"] == ["40", *["role does not exist"] * 10, "… and 30 more"]
    assert page["output"] == ["… (the last 10 of 30 lines)", *(f"item {n}" for n in range(20, 30))]
    assert page["command"] == ["pg_restore x\\x1b[31m"]
    assert page["attributes"] == ["ticket = OPS-1", "ratio = 0.5"]
    assert page["id"][0].endswith(" in both tables")
    assert "checked" not in page
    lines = [line.strip() for line in text.splitlines()]
    assert lines.count("status: 'in_progress' → 'failed'") == 1
    assert lines.count("warnings_count: - → 40 (consolidated table)") == 1
    assert "manage.py restores --target orders   other restores into this target" in lines
    assert f"manage.py describe {failed} --whole   the whole texts" in lines


def test_whole_shows_all_of_the_output(failed: UUID):
    page = fields(here.run("describe", str(failed), "--whole").out)
    assert page["output"] == [f"item {n}" for n in range(30)]
    assert len(page["warnings"]) == 14


def test_validation_is_beside_the_outcome(database: str):
    restore = record.request_restore(name="r", actor="ada", restore_type="files").what.id
    text = here.run("describe", str(restore)).out
    assert f"manage.py audit {restore} --follow   what happens to it next" in text
    record.start_restore(restore, actor="ada")
    record.complete_restore(restore, actor="ada", outcome="completed", message="done", exit_code=0)
    page = fields(here.run("describe", str(restore)).out)
    assert page["status"] == ["completed"]
    assert page["checked"] == ["nobody has checked the restored data"]
    assert len(next_commands(restore)) == 1
    record.validate_restore(restore, actor="grace", result="failed", check="row counts")
    page = fields(here.run("describe", str(restore)).out)
    assert page["status"] == ["completed"]
    assert page["checked"][0].startswith("failed by row counts, ")
    assert page["checked"][0].endswith(" grace")
    assert next_commands(restore)[1].startswith("run_restore --name r … -- COMMAND")


def test_what_to_run_next_fits_what_became_of_it(database: str):
    restore = record.request_restore(name="it's nightly", actor="ada").what.id
    record.start_restore(restore, actor="ada")
    heartbeat(restore, percent=40.0, phase="loading")
    assert next_commands(restore) == [f"audit {restore} --follow   what happens to it next"]
    with override_settings(HEARTBEAT_SILENCE=-1):
        assert next_commands(restore)[1:] == [
            "mark_interrupted   record it as failed, as its wrapper is gone"
        ]
        here.run("mark_interrupted")
    assert next_commands(restore)[1:] == [
        """run_restore --name 'it'"'"'s nightly' … -- COMMAND   run it again, and record that"""
    ]


def next_commands(restore: UUID) -> list[str]:
    """What the page's end proposes."""
    lines = here.run("describe", str(restore)).out.partition("Next:\n")[2].splitlines()
    return [line.strip().removeprefix("manage.py ") for line in lines]


def test_a_legacy_row_is_shown_while_it_is_only_in_the_legacy_table(database: str):
    Log().append([new_event(imported(1, key=5))])
    catch_up()
    page = fields(here.run("describe", str(OFFSET + 5)).out)
    assert page["from"] == ["the host's legacy table"]
    assert page["id"] == ["5 in the legacy table"]
    assert page["restore"] == [str(stream(1))]
    told = here.run("describe", "5", "--json").json
    assert (told["restore"], told["legacy"]["id"]) == (None, 5)
