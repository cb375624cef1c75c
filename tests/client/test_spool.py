"""The spool: nothing in it is lost or doubled, whoever dies at whatever byte."""

import resource
import stat
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.client.delivery import deliver_all
from api.client.recorder import Recorder
from api.client.redaction import Redactor
from api.client.spool import REFUSED, Spool, SpoolUnusable
from api.client.transport import NotReached, RefusedForGood
from tests.client.support import environment, restorelog, spooled
from tests.support.service import ROOT

NOON = "2026-03-01T12:00:00.000000+00:00"
ONE = "2026-03-01T13:00:00.000000+00:00"


class LogInMemory:
    """What the service does with numbered events: once each, in order; the tests over HTTP have
    the real one. `answer` may raise instead, before or after the event is taken.
    """

    def __init__(self) -> None:
        self.events: dict[str, dict[int, tuple[str, dict[str, Any]]]] = {}
        self.answer: Callable[[str, str], None] = lambda stream_id, command: None
        self.lose_answers = False

    def send(
        self, stream_id: str, command: str, body: dict[str, Any], *, key: str
    ) -> dict[str, Any]:
        self.answer(stream_id, command)
        stream = self.events.setdefault(stream_id, {})
        known = stream.setdefault(body["sequence"], (command, body))
        assert known == (command, body), "the same number with another content"
        assert list(stream) == list(range(1, len(stream) + 1)), "out of order"
        if self.lose_answers:
            raise NotReached("the connection was lost")
        return {}

    def heartbeat(self, restore_id: str, body: dict[str, Any]) -> float | None:
        return None

    def probe(self) -> None:
        pass

    def close(self) -> None:
        pass

    def commands(self, stream_id: str) -> list[str]:
        return [command for command, _ in self.events[stream_id].values()]


def written(spool: Spool, *commands: str, name: str = "orders") -> str:
    """A journal of a process that is gone."""
    journal = spool.create(str(uuid.uuid4()), name)
    times = {"request": "requested_at", "start": "started_at", "complete": "completed_at"}
    for command in commands:
        journal.add(command, {times[command]: NOON})
    journal.release()
    return journal.stream_id


LIFE = ("request", "start", "complete")


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool")


def test_files_and_folder_are_their_owners_alone(spool: Spool):
    written(spool, *LIFE)
    assert stat.S_IMODE(spool.folder.stat().st_mode) == 0o700
    (file,) = spool.files()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_waits_is_sent_once_and_then_gone(spool: Spool):
    ids, log = [written(spool, *LIFE), written(spool, *LIFE)], LogInMemory()
    assert deliver_all(spool, log).recorded == ids
    assert [log.commands(stream_id) for stream_id in ids] == [list(LIFE)] * 2
    assert spool.files() == []
    assert deliver_all(spool, log).recorded == []


def test_a_writer_that_died_at_any_byte_loses_nothing_that_was_synced(tmp_path: Path):
    spool = Spool(tmp_path / "spool")
    stream_id = written(spool, *LIFE)
    (file,) = spool.files()
    content = file.read_bytes()
    for size in range(len(content)):
        file.write_bytes(content[:size])
        log = LogInMemory()
        deliver_all(spool, log)
        whole = content[:size].count(b"\n") - 1
        if whole < 1:
            assert log.events == {}
        elif whole < 3:
            assert log.commands(stream_id) == [*LIFE[:whole], "fail"], size
            *_, (_, end) = log.events[stream_id].values()
            assert (end["cause"], end["failed_at"] >= NOON) == ("interrupted", True)
        else:
            assert log.commands(stream_id) == list(LIFE)
        assert spool.files() == []


def test_events_whose_answers_were_lost_are_sent_again_and_count_once(spool: Spool):
    stream_id, log = written(spool, *LIFE), LogInMemory()
    log.lose_answers = True
    for _ in range(3):
        with pytest.raises(NotReached):
            deliver_all(spool, log)
    log.lose_answers = False
    deliver_all(spool, log)
    assert log.commands(stream_id) == list(LIFE)
    assert spool.files() == []


def test_an_event_refused_for_good_stops_its_own_restore_only(spool: Spool):
    bad, good = written(spool, *LIFE, name="bad"), written(spool, *LIFE)
    log = LogInMemory()

    def refuse(stream_id: str, command: str) -> None:
        if stream_id == bad and command == "start":
            raise RefusedForGood("It cannot start.", status=409, code="restore_not_pending")

    log.answer = refuse
    sent = deliver_all(spool, log)
    assert sent.recorded == [good]
    (refusal,) = sent.refused
    assert refusal.items() >= {"stream_id": bad, "refused": 2, "status": 409}.items()
    assert log.commands(bad) == ["request"]
    (aside,) = spool.look(REFUSED)
    assert (aside.name, len(aside.unsent)) == ("bad", 2)
    assert aside.refusal is not None
    assert aside.refusal["detail"] == "It cannot start."
    # Once the reason is gone, somebody has it sent again.
    log.answer = lambda stream_id, command: None
    spool.send_again(bad)
    assert deliver_all(spool, log).recorded == [bad]
    assert log.commands(bad) == list(LIFE)


def test_a_log_that_was_restored_from_an_older_backup_gets_all_of_it_again(spool: Spool):
    stream_id, log = written(spool, *LIFE), LogInMemory()

    def away_at_the_end(_: str, command: str) -> None:
        if command == "complete":
            raise NotReached("away")

    log.answer = away_at_the_end
    with pytest.raises(NotReached):
        deliver_all(spool, log)
    log.events.clear()

    def gone(stream_id: str, command: str) -> None:
        if command != "request" and stream_id not in log.events:
            raise RefusedForGood("There is none.", status=404, code="restore_not_found")

    log.answer = gone
    deliver_all(spool, log)
    assert log.commands(stream_id) == list(LIFE)


def test_times_of_a_clock_that_is_ahead_are_corrected_and_stay_so(spool: Spool):
    stream_id, log = written(spool, *LIFE), LogInMemory()
    tried: list[str] = []

    def ahead(_: str, command: str) -> None:
        tried.append(command)
        if len(tried) == 1:
            raise RefusedForGood("Too late.", status=422, code="time_in_future", ahead=3600.0)
        if tried == ["request", "request", "start"]:
            raise NotReached("away")

    log.answer = ahead
    with pytest.raises(NotReached):
        deliver_all(spool, log)
    deliver_all(spool, log)
    bodies = [body for _, body in log.events[stream_id].values()]
    times = [value for body in bodies for name, value in body.items() if name.endswith("_at")]
    assert times == ["2026-03-01T11:00:00.000000+00:00"] * 3


def test_a_restore_that_the_log_has_an_end_of_needs_no_guess(spool: Spool):
    stream_id, log = written(spool, "request", "start"), LogInMemory()

    def over(_: str, command: str) -> None:
        if command == "fail":
            raise RefusedForGood("It is failed.", status=409, code="restore_not_running")

    log.answer = over
    assert deliver_all(spool, log).refused == []
    assert log.commands(stream_id) == ["request", "start"]
    assert spool.files() == []


def test_what_a_running_wrapper_has_is_left_alone(spool: Spool):
    journal = spool.create(str(uuid.uuid4()), "mine")
    journal.add("request", {"requested_at": NOON})
    log = LogInMemory()
    assert deliver_all(spool, log).recorded == []
    assert log.events == {}
    assert [one.name for one in spool.look()] == ["mine"]
    journal.release()


def test_progress_that_is_told_after_the_end_is_left_out(spool: Spool):
    log = LogInMemory()
    recorder = Recorder(log, spool, Redactor({}), "orders")
    for command in (*LIFE[:2], "progress", LIFE[2], "progress"):
        recorder.record(command)
    assert recorder.close(60).events == 0
    assert log.commands(recorder.restore_id) == [*LIFE[:2], "progress", LIFE[2]]


def test_two_processes_that_send_at_once_send_each_file_once(tmp_path: Path):
    spool = Spool(tmp_path / "spool")
    ids = {written(spool, *LIFE) for _ in range(6)}
    script = (
        "import sys; from pathlib import Path; from api.client.spool import Spool\n"
        "for journal in Spool(Path(sys.argv[1])).taken():\n"
        "    print(journal.stream_id, flush=True); journal.remove()\n"
    )
    words = [sys.executable, "-c", script, str(spool.folder)]
    both = [subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in "ab"]
    taken = [line for one in both for line in one.communicate()[0].split()]
    assert len(taken) == 6
    assert set(taken) == ids


def test_a_damaged_file_is_set_aside_with_the_reason(spool: Spool):
    written(spool, *LIFE)
    (file,) = spool.files()
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([*lines[:2], b"\0\0\0\0\n", *lines[3:]]))
    (refusal,) = deliver_all(spool, LogInMemory()).refused
    assert refusal["detail"] == "line 3 is damaged"
    assert len(spool.files(REFUSED)) == 1


def test_on_a_full_disk_half_a_line_is_taken_back(spool: Spool):
    journal = spool.create(str(uuid.uuid4()), "orders")
    journal.add("request", {"requested_at": NOON})
    (file,) = spool.files()
    before, limits = file.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 20, limits[1]))
    try:
        with pytest.raises(SpoolUnusable, match="File too large"):
            journal.add("start", {"started_at": NOON})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert file.read_bytes() == before
    journal.add("complete", {"completed_at": ONE})
    journal.release()
    log = LogInMemory()
    deliver_all(spool, log)
    assert log.commands(journal.stream_id) == list(LIFE)


def test_on_a_full_disk_what_became_of_a_restore_is_kept_without_its_output(spool: Spool):
    log, limits = LogInMemory(), resource.getrlimit(resource.RLIMIT_FSIZE)
    log.answer = away
    recorder = Recorder(log, spool, Redactor({}), "orders")
    for command in LIFE[:2]:
        recorder.record(command)
    (file,) = spool.files()
    resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size + 200, limits[1]))
    try:
        recorder.record("complete", outcome="completed", output="table\n" * 1000)
        assert recorder.close(60).kept
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    log.answer = lambda stream_id, command: None
    deliver_all(spool, log)
    assert log.commands(recorder.restore_id) == list(LIFE)
    assert log.events[recorder.restore_id][3][1] == {"outcome": "completed", "sequence": 3}


def test_a_file_of_another_user_does_not_keep_the_others(spool: Spool):
    stream_id, log = written(spool, *LIFE), LogInMemory()
    # Even root cannot open a file with its name: it is a folder.
    (spool.folder / "11111111-1111-4111-8111-111111111111.ndjson").mkdir()
    assert deliver_all(spool, log).recorded == [stream_id]
    (problem,) = spool.unreadable
    assert problem.endswith("11111111-1111-4111-8111-111111111111.ndjson: Is a directory")
    (shown,) = spool.look()
    assert shown.damaged == "cannot be read: Is a directory"


def away(stream_id: str, command: str) -> None:
    raise NotReached("away")


def test_a_restore_runs_although_neither_log_nor_spool_can_be_used(tmp_path: Path):
    (tmp_path / "spool").write_text("not a folder")
    done = restorelog("run", "--name=x", "--", "echo", "restored", env=environment(tmp_path))
    assert (done.code, done.out) == (0, "restored\n")
    assert "3 events of this restore could neither be recorded nor kept" in done.err


def test_send_lists_and_says_why_it_cannot_send(tmp_path: Path):
    env = environment(tmp_path)
    restorelog("run", "--name=orders", "--", "true", env=env)
    listed = restorelog("send", "--list", "--json", env=env, check=True)
    assert listed.json["waiting"][0]["events"] == ["request", "start", "complete"]
    sent = restorelog("send", env=env)
    assert (sent.code, sent.err.count("\n")) == (2, 1)
    assert "cannot be reached" in sent.err
    assert len(spooled(tmp_path)) == 1
