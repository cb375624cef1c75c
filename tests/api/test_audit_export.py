"""Events in a file, checked by a program that shares nothing with the service."""

import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from api.access import readings
from domain.events import Metadata
from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from infrastructure.event_store.records import NewEvent
from projections.verification import check_events
from tests.api.conftest import Reader
from tests.builders import completed, imported, requested, started, stream
from tests.support import here, raw

CHECKER = Path(check_events.__file__)
Export = Callable[..., bytes]


@pytest.fixture
def log(database: str) -> Log:
    """Nine events; the fourth and the fifth are ada's, and one state is long, one no text."""
    log = Log()
    ada = Metadata(actor="ada", reason='"é" –\n')
    log.append([new_event(e) for e in (requested(1), imported(2), started(1))])
    log.append([new_event(requested(3, metadata=ada)), new_event(started(3, metadata=ada))])
    log.append([new_event(completed(1, message='a "long" ü\\ ' * 9_000))])
    log.append([NewEvent(stream(8), 1, "restore.Started", 2, b"\xff\x00{", b'{"actor":"x"}')])
    log.append([new_event(completed(3)), new_event(requested(4))])
    return log


@pytest.fixture
def anchor(log: Log, public_key: Path, tmp_path: Path) -> Path:
    """An anchor at the log's end, before anybody read it."""
    file = tmp_path / "anchor.json"
    here.run("anchor", "--out", str(file))
    return file


@pytest.fixture
def export(auditor: Reader) -> Export:
    """Takes a file of events."""

    def take(**parameters: str) -> bytes:
        response = auditor.get("audit/events/export/", **parameters)
        assert response["Content-Type"] == "application/x-ndjson"
        return b"".join(response.streaming_content)

    return take


@pytest.fixture
def check(anchor: Path, public_key: Path, tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """Checks a file against the anchor and the key, or without them."""

    def checked(data: bytes, *, anchored: bool = True, key: bool = True) -> tuple[int, str]:
        file = tmp_path / "events.ndjson"
        file.write_bytes(data)
        try:
            return check_events.check(
                file, [anchor] if anchored else [], public_key if key else None
            )
        except check_events.Refused as error:
            return 1, f"REFUSED: {error}"

    return checked


def lines(data: bytes) -> list[bytes]:
    return data.splitlines(keepends=True)


def test_a_whole_range_up_to_an_anchor_is_accepted(export: Export, check: Any, log: Log):
    data = export(position_max="9")
    code, told = check(data)
    assert (code, told.split(":")[0]) == (0, "complete"), told
    head, *events, end = map(json.loads, lines(data))
    assert (head["after"], head["upto"], end["events"]) == (0, 9, 9)
    records = [record for chunk in log.records(upto=9) for record in chunk]
    assert [e["hash"] for e in events] == [bytes(r.hash).hex() for r in records]
    assert [check_events.payload(e["state"]) for e in events] == [bytes(r.state) for r in records]
    # A part is as good, and without the anchor nothing is proven.
    assert check(export(position_min="4", position_max="9"))[0] == 0
    assert check(data, anchored=False)[1].startswith("NOT PROVEN")
    assert check(export(position_max="8"))[1].startswith("NOT PROVEN")
    code, told = check(data, key=False)
    assert (code, "NOT checked: who signed the anchor" in told) == (0, True)


def test_no_byte_can_be_changed(export: Export, check: Any):
    data = export(position_min="8", position_max="9")
    full = export(position_min="7", position_max="9", actor="x", proof="full")
    assert check(full, key=False)[0] == 0
    for whole in (data, full):
        for at in range(len(whole)):
            changed = bytes([whole[at] ^ 1 << at % 7])
            told = check(whole[:at] + changed + whole[at + 1 :], key=False)
            assert told[0] == 1, (at, told)


def sealed(changed: list[bytes]) -> bytes:
    """The file with an end that fits what is before it, as a forger would write it."""
    *before, end = changed
    events = [json.loads(line) for line in before[1:]]
    told = json.loads(end)
    told["events"] = sum("state" in event for event in events)
    told["left_out"] = len(events) - told["events"]
    told["sha256"] = check_events.hashlib.sha256(b"".join(before)).hexdigest()
    return b"".join(before) + check_events.canonical(told) + b"\n"


def test_no_event_can_be_dropped_swapped_doubled_or_forged(export: Export, check: Any):
    for data in (export(position_max="9"), export(position_max="9", actor="ada", proof="full")):
        whole = lines(data)
        assert sealed(whole) == data
        refused = partial(check, key=False)
        for at in range(1, 10):
            dropped = whole[:at] + whole[at + 1 :]
            doubled = [*whole[:at], whole[at], *whole[at:]]
            assert refused(b"".join(dropped))[0] == 1
            assert refused(sealed(dropped))[0] == 1, at
            assert refused(sealed(doubled))[0] == 1, at
            for other in range(at + 1, 10):
                swapped = list(whole)
                swapped[at], swapped[other] = swapped[other], swapped[at]
                assert refused(sealed(swapped))[0] == 1, (at, other)
            forged = json.loads(whole[at])
            forged["topic"] = "restore.Failed"
            assert refused(sealed([*whole[:at], canonical(forged), *whole[at + 1 :]]))[0] == 1
        assert refused(sealed([*whole[:-2], whole[-1]]))[0] == 1
        assert refused(b"")[0] == 1


def canonical(content: Any) -> bytes:
    return check_events.canonical(content) + b"\n"


def test_what_a_filter_leaves_out_is_proven_or_said_not_to_be(export: Export, check: Any):
    told = check(export(position_max="9", actor="ada", proof="full"))
    assert told[0] == 0
    assert "genuine, and none is missing from the range: 2 events" in told[1]
    assert "1 restore.Imported" in told[1]
    bare = export(position_max="9", actor="ada")
    code, told = check(bare)
    assert (code, told.split(":")[0]) == (1, "NOT PROVEN")
    assert [json.loads(line).get("position") for line in lines(bare)] == [None, 4, 5, None]
    signed = export(position_max="9", actor="ada", sign="true")
    assert check(signed)[1].startswith("genuine, completeness not checked: 2 events")
    # By another key, or changed afterwards: not even with an end that fits.
    assert check(signed, key=False)[0] == 1
    assert check(sealed(lines(signed)).replace(b'"events":2', b'"events":1'))[0] == 1
    dropped = lines(signed)
    del dropped[2]
    assert "was changed after it was signed" in check(sealed(dropped))[1]


def test_the_checker_runs_alone(export: Export, anchor: Path, public_key: Path, tmp_path: Path):
    file = tmp_path / "events.ndjson"
    file.write_bytes(export(position_max="9"))

    def run(*more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-I", "-S", str(CHECKER), *more], capture_output=True, text=True
        )

    done = run(str(file), "--anchor", str(anchor), "--key", str(public_key))
    assert (done.returncode, done.stdout.startswith("complete: 9 events")) == (0, True), done
    assert run(str(file)).returncode == 1
    assert run(str(tmp_path / "nowhere")).returncode == 2
    assert run(str(file), "--key", str(file)).returncode == 2


def test_an_anchor_of_another_key_or_of_another_log_is_refused(
    export: Export, check: Any, anchor: Path
):
    data = export(position_max="9")
    told = json.loads(anchor.read_bytes())
    told["anchor"]["issued_by"] = "mallory"
    anchor.write_bytes(canonical(told))
    assert "was changed after it was signed" in check(data)[1]
    told["anchor"]["log"] = "0" * 64
    anchor.write_bytes(canonical(told))
    assert "of another log" in check(data, key=False)[1]
    told["anchor"] |= {"log": json.loads(lines(data)[0])["log"], "head": "0" * 64}
    anchor.write_bytes(canonical(told))
    assert "not the one that the anchor names" in check(data, key=False)[1]


def test_pages_carry_the_proof_of_each_event(log: Log, auditor: Reader):
    results = auditor.json("audit/events/", proof="stored", position_max="6")["results"]
    before = bytes(32).hex()
    for event in results:
        proof = event["proof"]
        assert proof["previous"] == before
        before = event["hash"]
        if proof["state"] is None:
            assert event["truncated"]["state"]["whole"]
            continue
        salt = bytes.fromhex(proof["salt"])
        digests = [
            check_events.salted(salt, proof[name].encode()) for name in ("state", "metadata")
        ]
        record = next(log.records(event["position"] - 1, event["position"]))[0]
        header = {**event, "recorded_at": record.recorded_at}
        found = check_events.link(bytes.fromhex(proof["previous"]), header, *digests)
        assert found.hex() == event["hash"]
    assert "proof" not in auditor.json("audit/events/", page_size="1")["results"][0]
    assert auditor.problem("audit/events/", 400, proof="full")["code"] == "proof_invalid"
    assert auditor.problem("audit/events/export/", 400, sign="1")["code"] == "sign_invalid"


def test_taking_a_file_is_noted(log: Log, export: Export, database: str):
    readings._written.clear()
    export()
    what = raw.rows(database, "SELECT account, what FROM api_trail_reading")
    assert what == [("a-auditor", "audit/events/export/")]
