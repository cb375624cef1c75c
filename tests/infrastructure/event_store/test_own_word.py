"""A log that fits its chain may still contradict itself: its events, its triggers, its head."""

import json
import re
from collections.abc import Callable

import pytest

from domain.consolidation.consolidation import CONSOLIDATION_ID
from domain.consolidation.events import Verified
from domain.events import Metadata
from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from infrastructure.event_store.verify_log import verify_chain
from tests.builders import requested
from tests.support import forging, here, raw


@pytest.fixture
def certified(filled: Log) -> Log:
    """Position 9 says that the log was certified at position 8; it has gone on since."""
    head = filled.head()
    said = Verified(
        originator_id=CONSOLIDATION_ID,
        originator_version=1,
        metadata=Metadata(actor="ada"),
        purpose="verify",
        equal=True,
        certificate="c",
        log_position=head.position,
        chain_head=head.hash.hex(),
        mappings={},
        tables={},
        host_tables={},
        quarantined=0,
    )
    filled.append([new_event(said)])
    filled.append([new_event(requested(5)), new_event(requested(6))])
    return filled


def test_an_event_that_names_this_logs_head_is_right(certified: Log):
    assert here.run("verify_log", "--json").json["ok"] is True


@pytest.mark.parametrize("column", ["metadata", "state"])
def test_a_recomputed_chain_contradicts_an_event_that_names_its_head(
    certified: Log, database: str, column: str
):
    other = json.dumps({"actor": "eve", "started_at": "2025-06-01T12:00:00Z"}).encode()
    value = f"X'{other.hex()}'" if database.startswith("sqlite") else f"'\\x{other.hex()}'::bytea"
    forging.forge(database, f"UPDATE event_store_event SET {column} = {value} WHERE position = 2")
    forging.rechain(database, 1)
    found = here.run("verify_log", "--json", check=False)
    assert (found.code, found.json["ok"], found.json["first_bad"]) == (1, False, 8)
    assert "consolidation.Verified at position 9 names another hash" in found.json["problem"]
    assert not verify_chain().ok
    assert "contradicts itself at position 8" in here.run("verify_log", check=False).out


def test_what_was_changed_after_the_last_such_event_it_cannot_know(certified: Log, database: str):
    forging.forge(
        database, "UPDATE event_store_event SET topic = 'restore.Failed' WHERE position = 10"
    )
    forging.rechain(database, 9)
    assert here.run("verify_log", "--json").json["ok"] is True


def test_an_event_that_names_a_later_head_is_found(certified: Log, database: str):
    state = raw.value(database, "SELECT state FROM event_store_event WHERE position = 9")
    later = bytes(state).replace(b'"log_position":8', b'"log_position":9')
    value = f"X'{later.hex()}'" if database.startswith("sqlite") else f"'\\x{later.hex()}'::bytea"
    forging.forge(database, f"UPDATE event_store_event SET state = {value} WHERE position = 9")
    forging.rechain(database, 8)
    assert here.run("verify_log", "--json", check=False).json["first_bad"] == 9


def problems(done: object) -> list[str]:
    return [one["problem"] for one in done.json["findings"]]  # type: ignore[attr-defined]


@pytest.mark.parametrize("vendor", ["sqlite"])
@pytest.mark.parametrize("name", ["no_update", "no_delete", "no_replace"])
def test_a_missing_or_changed_trigger_is_found_on_sqlite(filled: Log, database: str, name: str):
    trigger = f"event_store_event_{name}"
    ((made,),) = raw.rows(database, "SELECT sql FROM sqlite_master WHERE name = ?", [trigger])
    raw.execute(database, f"DROP TRIGGER {trigger}")
    missing = here.run("verify_log", "--json", check=False)
    assert (missing.code, problems(missing)) == (1, [f"the trigger {trigger} is missing"])
    raw.execute(database, re.sub(r"RAISE\(.*\)", "1", made))
    changed = here.run("verify_log", "--json", check=False)
    assert problems(changed) == [f"the trigger {trigger} was changed"]
    raw.execute(database, f"DROP TRIGGER {trigger}")
    raw.execute(database, made)
    assert here.run("verify_log").code == 0


WEAKENED = {
    "dropped": ("DROP TRIGGER event_store_event_no_change ON event_store_event", "is missing"),
    "disabled": (
        "ALTER TABLE event_store_event DISABLE TRIGGER event_store_event_no_truncate",
        "is not enabled for every session",
    ),
    "not in a replica's session": (
        "ALTER TABLE event_store_event ENABLE TRIGGER event_store_event_no_change",
        "is not enabled for every session",
    ),
    "the function does nothing": (
        "CREATE OR REPLACE FUNCTION event_store_refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RETURN NULL; END $$",
        "was changed",
    ),
    "one of two events": (
        "CREATE OR REPLACE TRIGGER event_store_event_no_change BEFORE UPDATE ON event_store_event"
        " FOR EACH STATEMENT EXECUTE FUNCTION event_store_refuse();"
        " ALTER TABLE event_store_event ENABLE ALWAYS TRIGGER event_store_event_no_change",
        "was changed",
    ),
}


@pytest.mark.parametrize("vendor", ["postgresql"])
@pytest.mark.parametrize("how", WEAKENED)
def test_a_weakened_trigger_is_found_on_postgresql(filled: Log, database: str, how: str):
    statement, told = WEAKENED[how]
    raw.execute(database, statement)
    found = here.run("verify_log", "--json", check=False)
    assert found.code == 1
    assert all(told in problem for problem in problems(found))
    assert problems(found)


def test_a_head_with_another_time_than_the_last_event_is_found(
    filled: Log, database: str, forge: Callable[..., None]
):
    forge("UPDATE event_store_head SET recorded_at = recorded_at - 1")
    found = here.run("verify_log", "--json", check=False)
    assert (found.code, found.json["first_bad"]) == (1, 8)


def test_a_second_head_is_found(filled: Log, database: str):
    raw.execute(
        database,
        "INSERT INTO event_store_head SELECT 2, position, hash, recorded_at FROM event_store_head",
    )
    found = here.run("verify_log", "--json", check=False)
    assert found.code == 1
    assert "event_store_head has 2 rows, and a log has one head" in problems(found)
