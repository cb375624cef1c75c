"""`audit`: what happened in words, both tables together, and events as they come."""

import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connections

from api.management.following import FollowedLogChanged, Follower
from domain.events import Metadata
from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from projections.engine.catch_up import catch_up
from tests.builders import NOON, completed, minutes, requested, started, stream
from tests.conftest import fresh, use
from tests.support import here, service
from tests.support.forked import Process
from tests.support.postgres import server

PATIENCE = 60


@pytest.fixture
def trail(database: str) -> None:
    by = Metadata(actor="wrapper", on_behalf_of="ada", reason="ticket 4711")
    Log().append(
        [
            new_event(requested(1, name="orders\x1b[31m", metadata=by)),
            new_event(started(1, started_at=NOON)),
            new_event(completed(1, completed_at=NOON + minutes(3), message="two\nlines")),
            new_event(requested(2, restore_type="files", name="logs")),
        ]
    )
    catch_up()


@pytest.mark.usefixtures("trail")
def test_the_whole_trail_says_who_did_what_to_which_restore():
    told = [line[9:] for line in here.run("audit").out.splitlines()]
    assert ["UTC ".join(line.split("UTC ")[1:]) for line in told] == [
        "wrapper as ada requested the restore 'orders\\x1b[31m' (database) into shop, "
        f"because: ticket 4711  [restore.Requested] {stream(1)}",
        f"ops started the restore 'orders\\x1b[31m'  [restore.Started] {stream(1)}",
        f"ops completed the restore 'orders\\x1b[31m': two  [restore.Completed] {stream(1)}",
        f"ops requested the restore 'logs' (files) into shop  [restore.Requested] {stream(2)}",
    ]
    first = here.run("audit", "--json").json["events"][0]
    assert first["what"] == "requested the restore 'orders\\x1b[31m' (database) into shop"


@pytest.mark.usefixtures("trail")
def test_the_whole_log_is_searched_by_person_topic_and_time():
    def found(*options: str) -> list[int]:
        return [one["position"] for one in here.run("audit", *options, "--json").json["events"]]

    assert found("--person", "ada") == found("--person", "wrapper") == [1]
    assert found("--person", "ops", "--limit", "2") == [3, 4]
    assert found("--topic", "restore.Started,restore.Completed") == [2, 3]
    assert found("--since", "yesterday", "--until", "now") == [1, 2, 3, 4]
    assert found("--last", "24h", "--tz", "Asia/Kolkata") == [1, 2, 3, 4]
    assert found("--until", "2001-01-01") == []
    assert "No event fits." in here.run("audit", "--until", "2001-01-01").out
    assert "the last 2; --limit shows more" in here.run("audit", "--last=1h", "--limit=2").out
    assert "--limit" not in here.run("audit", "--last=1h", "--limit=4").out
    text = here.run("audit", "--topic", "restore.Started", "--changes").out
    assert "status: 'pending' → 'in_progress'" in text
    assert "+05:30" in here.run("audit", "--tz", "Asia/Kolkata").out
    for wrong in (
        *(("--topic", "no.Such"), ("--correlation", "x"), (str(stream(1)), "--changes")),
        *(("--last", "24h", "--since", "today"), ("--tz", "Mars"), ("--follow", "--last", "1h")),
        ("--follow", "--person", "ada"),
    ):
        assert here.run("audit", *wrong, check=False).code == 2, wrong


@pytest.mark.usefixtures("trail")
def test_both_tables_are_one_line_where_they_agree_and_marked_where_they_differ():
    text = here.run("audit", str(stream(1)), tz="Asia/Tokyo").out
    lines = [line.strip() for line in text.splitlines()]
    assert lines.count("status: 'pending' → 'in_progress'") == 1
    assert lines.count("started_at: - → 2025-06-01 21:00:00 +09:00") == 1
    assert lines.count("restore_type: - → 'database' (consolidated table)") == 1
    assert lines.count("restore_method: - → 'manual' (legacy table)") == 1
    assert not any("database_management" in line for line in lines)


@pytest.mark.usefixtures("trail")
def test_a_restore_of_one_table_has_no_marks():
    text = here.run("audit", str(stream(2))).out
    assert "restore_type: - → 'files'\n" in text
    assert "table)" not in text


def test_an_empty_log_says_so(database: str):
    assert here.run("audit").out == "The log has no events yet.\n"


@pytest.fixture
def follow(database: str) -> Iterator[Callable[..., Process]]:
    started: list[Process] = []

    def start(*words: str) -> Process:
        env = {"DEBUG": "1", "TZ": "Europe/Berlin"}
        started.append(service.start("audit", "--follow", *words, database=database, env=env))
        return started[-1]

    yield start
    for process in started:
        with process:
            process.kill()


def lines(process: Process, enough: Callable[[list[str]], bool]) -> list[str]:
    """What it prints until that is enough, without changes; it is ended if it never is."""
    assert process.stdout is not None
    timer = threading.Timer(PATIENCE, process.kill)
    timer.start()
    read: list[str] = []
    while not enough(read):
        line = process.stdout.readline()
        assert line, read
        read += [] if line.startswith(" " * 9) else [line]
    timer.cancel()
    return read


def test_followers_see_every_event_once_and_end_at_ctrl_c(
    database: str, follow: Callable[..., Process]
):
    Log().append([new_event(requested(1)), new_event(requested(2))])
    everything, one = follow("--limit", "1"), follow(str(stream(1)))
    assert "requested the restore 'restore 2'" in lines(everything, lambda read: len(read) == 1)[0]
    assert "requested the restore 'restore 1'" in lines(one, lambda read: len(read) == 1)[0]
    for event in (started(1), started(2), completed(2), completed(1)):
        Log().append([new_event(event)])
    told = lines(everything, lambda read: len(read) == 4)
    assert [line.split()[0] for line in told] == ["3", "4", "5", "6"]
    assert told[0].split()[3] in ("+01:00", "+02:00")
    told = lines(one, lambda read: len(read) == 2)
    assert [line.split()[0] for line in told] == ["3", "6"]
    for process in (everything, one):
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 130
        assert process.stdout is not None
        assert process.stderr is not None
        # An event's changes may follow its line.
        assert all(line.startswith(" " * 9) for line in process.stdout)
        assert process.stderr.read() == ""


def test_a_follower_whose_reader_has_gone_ends_without_waiting_for_an_event(
    database: str, follow: Callable[..., Process]
):
    Log().append([new_event(requested(1))])
    process = follow()
    lines(process, lambda read: len(read) == 1)
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(PATIENCE) == 141


# A file of SQLite has no server that restarts.
@pytest.mark.parametrize("vendor", ["postgresql"])
def test_a_follower_goes_on_after_its_database_was_away(
    vendor: str, database: str, follow: Callable[..., Process]
):
    Log().append([new_event(requested(1))])
    process = follow()
    lines(process, lambda read: len(read) == 1)
    assert process.stderr is not None
    name = database.rpartition("/")[2]
    connections.close_all()
    with psycopg.connect(server().url, autocommit=True) as administrator:
        administrator.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
        administrator.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )
        assert "Waiting for it, to go on after position 1." in process.stderr.readline()
        administrator.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'.encode())
    assert process.stderr.readline() == "The database answers again, after position 1.\n"
    Log().append([new_event(started(1)), new_event(completed(1))])
    told = lines(process, lambda read: len(read) == 2)
    assert [line.split()[0] for line in told] == ["2", "3"]


def test_a_follower_refuses_a_log_that_is_another_one(
    vendor: str, database: str, templates: dict[str, str], tmp_path: Path
):
    Log().append([new_event(requested(1)), new_event(started(1))])
    follower = Follower(lambda after: iter(()), 2, print)
    (tmp_path / "other").mkdir()
    use(fresh(templates, vendor, tmp_path / "other"))
    Log().append([new_event(requested(2)), new_event(started(2)), new_event(completed(2))])
    with pytest.raises(FollowedLogChanged, match="event 2, the last that was seen"):
        list(follower.look())
