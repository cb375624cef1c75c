"""`verify_log` names the first bad position, whatever was done to the log."""

import random

import pytest

from infrastructure.event_store.log import Log
from infrastructure.event_store.verify_log import verify_chain
from tests.support import forging, raw, service

COLUMNS = (
    "stream_id",
    "stream_version",
    "topic",
    "schema_version",
    "state",
    "metadata",
    "recorded_at",
    "salt",
    "hash",
)


def forged_value(url: str, column: str, position: int, seed: int) -> str:
    """SQL for the column's value with one byte, or one unit, changed."""
    ((value,),) = raw.rows(
        url, f"SELECT {column} FROM event_store_event WHERE position = {position}"
    )
    chance = random.Random(seed)
    if isinstance(value, int):
        return str(value + chance.choice((64, 1024)))
    if isinstance(value, str) or column == "stream_id":
        text = str(value)
        at = chance.randrange(len(text.rstrip("-")))
        at = at if text[at] != "-" else at + 1
        return "'" + text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1 :] + "'"
    data = bytearray(value)
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return f"X'{data.hex()}'" if url.startswith("sqlite") else f"'\\x{data.hex()}'::bytea"


def test_a_whole_log_is_whole(filled: Log):
    report = verify_chain()
    assert (report.ok, report.events, report.first_bad) == (True, 8, None)
    assert report.head == filled.head().hash.hex()


@pytest.mark.parametrize("column", COLUMNS)
def test_any_changed_byte_is_found_at_its_position(filled: Log, database: str, forge, column: str):
    for position in (1, 5, 8):
        value = forged_value(database, column, position, seed=position)
        ((old,),) = raw.rows(
            database, f"SELECT {column} FROM event_store_event WHERE position = {position}"
        )
        forge(f"UPDATE event_store_event SET {column} = {value} WHERE position = {position}")
        report = verify_chain()
        assert (report.ok, report.first_bad) == (False, position)
        restore(database, column, position, old)
    assert verify_chain().ok


@pytest.mark.parametrize("vendor", ["sqlite"])  # PostgreSQL's columns hold their own type alone.
@pytest.mark.parametrize("value", ["'x'", "'a\",\"b'", "17", "1.5", "X'00'", "X'ff'"])
@pytest.mark.parametrize("column", COLUMNS)
def test_a_value_of_another_type_is_found_at_its_position(
    filled: Log, database: str, forge, column: str, value: str
):
    forge(f"UPDATE event_store_event SET {column} = {value} WHERE position = 5")
    report = verify_chain()
    assert (report.ok, report.first_bad, report.events) == (False, 5, 4)


@pytest.mark.parametrize("vendor", ["sqlite"])
@pytest.mark.parametrize("column", ["hash", "recorded_at"])
def test_so_is_one_in_the_head(filled: Log, database: str, forge, column: str):
    raw.execute(database, f"UPDATE event_store_head SET {column} = 'x'")
    report = verify_chain()
    assert (report.ok, report.first_bad) == (False, 8)


def restore(url: str, column: str, position: int, old: object) -> None:
    mark = "?" if url.startswith("sqlite") else "%s"
    with forging.unlocked(url):
        raw.execute(
            url,
            f"UPDATE event_store_event SET {column} = {mark} WHERE position = {position}",
            [old],
        )


def test_a_deleted_event_is_missed(filled: Log, forge):
    forge("DELETE FROM event_store_event WHERE position = 3")
    report = verify_chain()
    assert (report.ok, report.first_bad) == (False, 3)


def test_a_cut_tail_is_missed_as_long_as_the_head_stands(filled: Log, forge):
    forge("DELETE FROM event_store_event WHERE position > 6")
    report = verify_chain()
    assert (report.ok, report.first_bad) == (False, 7)


def test_an_inserted_event_is_found(filled: Log, forge):
    forge(
        "INSERT INTO event_store_event SELECT 9, stream_id, 9, topic, schema_version, state,"
        " metadata, recorded_at, salt, hash FROM event_store_event WHERE position = 8"
    )
    report = verify_chain()
    assert (report.ok, report.first_bad) == (False, 9)


def test_two_swapped_events_are_found(filled: Log, forge):
    forge(
        "UPDATE event_store_event SET position = 99 WHERE position = 4",
        "UPDATE event_store_event SET position = 4 WHERE position = 5",
        "UPDATE event_store_event SET position = 5 WHERE position = 99",
    )
    report = verify_chain()
    assert (report.ok, report.first_bad) == (False, 4)


def test_two_swapped_payloads_are_found(filled: Log, forge):
    forge(
        "UPDATE event_store_event SET state ="
        " (SELECT e.state FROM event_store_event e WHERE e.position = 6) WHERE position = 4"
    )
    report = verify_chain()
    assert (report.ok, report.first_bad) == (False, 4)


def test_a_changed_head_is_found(filled: Log, forge):
    forge("UPDATE event_store_head SET position = 6")
    assert not verify_chain().ok


def test_the_command_exits_0_on_a_whole_log_and_1_on_a_forged_one(
    filled: Log, database: str, forge
):
    whole = service.run("verify_log", "--json", database=database)
    assert {key: whole.json[key] for key in ("ok", "events", "head", "first_bad", "problem")} == {
        "ok": True,
        "events": 8,
        "head": filled.head().hash.hex(),
        "first_bad": None,
        "problem": "",
    }
    assert (whole.json["findings"], whole.json["ahead_seconds"]) == ([], 0)
    forge("UPDATE event_store_event SET topic = 'restore.Failed' WHERE position = 5")
    forged = service.run("verify_log", database=database, check=False)
    assert forged.code == 1
    assert "position 5" in forged.out
