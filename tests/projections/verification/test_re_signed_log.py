"""What only the log says cannot be changed, if the auditor has the events and an anchor.

Without them it is counted as not checked, and the verdict says so.
"""

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

import pytest

from infrastructure.documents.keys import read_key
from infrastructure.documents.signed import signed
from tests.projections.verification.check_certificate.small_certificate import PLACE
from tests.projections.verification.re_signing import Audited, Json
from tests.projections.verification.test_re_signed import (
    BACKUPS,
    LEGACY,
    RESTORES,
    audited,
    log_files,
    original,
)
from tests.support import checking
from tests.support.forging import GENESIS, hashed

__all__ = ["audited", "original"]  # fixtures

LEGACY_BACKUPS = "database_management.BackupLog"
Forgery = Callable[[Audited], None]


def events_of(files: Audited) -> list[Json]:
    return [json.loads(line) for line in files.events.read_bytes().splitlines()]


def named(upto: int) -> set[int]:
    steps = [2**power for power in range(upto.bit_length())]
    ends = {upto - upto % step - step * n for step in steps for n in range(8)}
    return {1} | {at for at in ends if at > 0}


def at(files: Audited, position: int) -> None:
    """The certificate names this position, and the chain's true hashes up to it."""
    events = events_of(files)
    files.content["log"] = {
        "position": position,
        "chain_head": events[position - 1]["hash"],
        "heads": {str(place): events[place - 1]["hash"] for place in sorted(named(position))},
    }
    for said in files.content["projections"].values():
        said["position"] = position


def of_another_chain(files: Audited) -> None:
    log = files.content["log"]
    log["chain_head"] = "7" * 64
    log["heads"] |= {str(log["position"]): "7" * 64}


def of_a_changed_past(files: Audited) -> None:
    files.content["log"]["heads"]["1"] = "7" * 64


def from_before_the_last_events(files: Audited) -> None:
    at(files, files.content["log"]["position"] - 3)


def recorded(files: Audited, label: str) -> list[Json]:
    return [row for row in files.of(label) if row["pk"] >= 2 * files.content["host"]["id_offset"]]


def recorded_says(label: str, column: str, cell: str) -> Forgery:
    def forge(files: Audited) -> None:
        row = next(row for row in recorded(files, label) if files.cell(row, column) != cell)
        files.put(row, column, cell)

    return forge


def without_a_recorded_row(files: Audited) -> None:
    for label in (LEGACY, RESTORES):
        gone = recorded(files, label)[0]
        files.drop(lambda row, gone=gone: row is gone)


def with_a_recorded_row_more(files: Audited) -> None:
    row = recorded(files, BACKUPS)[-1]
    pk = row["pk"] + 7
    files.rows.append({**row, "pk": pk, "cells": list(row["cells"])})
    files.put(files.rows[-1], "id", f"i{len(str(pk))}:{pk}")


def of_another_memory(files: Audited) -> None:
    files.content["host_tables"]["system_backups_restorelog"]["log_digest"] = "7" * 64


def of_another_fingerprint(files: Audited) -> None:
    files.content["host"]["fingerprint"] = "7" * 32


def of_another_host_throughout(files: Audited) -> None:
    """Another host's id, and every UUID that follows from it."""
    host, other = UUID(files.content["host"]["id"]), UUID(int=7)
    files.content["host"]["id"] = str(other)
    uuids = {}
    for table in files.content["host_tables"]:
        for key in range(1_100):
            uuids[str(uuid5(host, f"{table}:{key}"))] = str(uuid5(other, f"{table}:{key}"))
        for row in files.of(table):
            name = f"{table}:{row['pk']}"
            uuids[str(uuid5(host, name))] = str(uuid5(other, name))
    for row in files.rows:
        row["cells"] = [
            f"u36:{uuids.get(cell[4:], cell[4:])}" if cell[:4] == "u36:" else cell
            for cell in row["cells"]
        ]


def of_another_offset_throughout(files: Audited) -> None:
    offset = files.content["host"]["id_offset"]
    files.content["host"]["id_offset"] = offset - 5
    for row in files.rows:
        if row["side"] == "host" or not offset <= row["pk"] < 2 * offset:
            continue
        row["pk"] -= 5
        files.put(row, "id", f"i{len(str(row['pk']))}:{row['pk']}")
        if row["table"] == RESTORES and files.cell(row, "source_backup_id") != "-":
            backup = int(files.cell(row, "source_backup_id").partition(":")[2]) - 5
            files.put(row, "source_backup_id", f"i{len(str(backup))}:{backup}")
    for row in files.content["quarantined"]["rows"]:
        row["pk"] -= 5 if offset <= row["pk"] < 2 * offset else 0


WAYS = {
    "of another chain": of_another_chain,
    "of a changed past": of_a_changed_past,
    "from before the last events": from_before_the_last_events,
    "a recorded restore's name": recorded_says(RESTORES, "name", "t5:other"),
    "a recorded restore's outcome": recorded_says(RESTORES, "status", "t9:completed"),
    "a recorded restore's outcome in the legacy table": recorded_says(
        LEGACY, "status", "t6:failed"
    ),
    "a recorded restore's duration": recorded_says(RESTORES, "duration_seconds", "i1:9"),
    "a recorded restore's target": recorded_says(LEGACY, "target_database", "t4:prod"),
    "a recorded restore's message": recorded_says(RESTORES, "message", "t2:ok"),
    "a recorded restore's person": recorded_says(RESTORES, "created_by_id", "t1:9"),
    "a recorded restore's backup": recorded_says(RESTORES, "source_backup_id", "i1:1"),
    "a recorded restore's start": recorded_says(
        RESTORES, "started_at", "d26:2021-03-04T05:06:07.000000"
    ),
    "a recorded restore overwrote nothing": recorded_says(RESTORES, "is_overwrite", "b1:0"),
    "a recorded backup's name": recorded_says(BACKUPS, "name", "t5:other"),
    "a recorded backup's type": recorded_says(LEGACY_BACKUPS, "backup_type", "t5:other"),
    "without a recorded row": without_a_recorded_row,
    "with a recorded row more": with_a_recorded_row_more,
    "of another memory of the host": of_another_memory,
    "of another fingerprint": of_another_fingerprint,
    "of another host throughout": of_another_host_throughout,
    "of another offset throughout": of_another_offset_throughout,
}


def test_what_was_not_changed_is_genuine_and_nothing_but_the_place_is_left_unchecked(
    audited: Audited,
):
    said = audited.check(*log_files(audited))
    assert (said["code"], said["genuine"], said["refused"]) == (0, True, None)
    assert said["not_checked"] == [PLACE]
    files = ("--rows", audited.export, "--host-digests", audited.digests)
    done = checking.check_here(
        audited.certificate, "--public-key", audited.key, *files, *log_files(audited)
    )
    assert done.out.endswith(
        "\nThe certificate is genuine in all that was checked; 1 point was NOT checked, see "
        "above.\n"
    )


def test_events_that_end_before_they_name_the_certificate_say_so(audited: Audited):
    position = audited.content["log"]["position"]
    lines = audited.events.read_bytes().splitlines(keepends=True)
    audited.events.write_bytes(b"".join(lines[:position]))
    said = audited.check("--events", audited.events)
    assert said["code"] == 0
    assert "whether the log names this certificate: these events do not" in said["not_checked"]


@pytest.mark.parametrize("way", WAYS)
def test_what_follows_from_the_log_cannot_be_changed(audited: Audited, way: str):
    WAYS[way](audited)
    audited.sign()
    said = audited.check(*log_files(audited))
    assert (said["code"], said["genuine"], said["equal"]) == (1, False, None), way
    assert said["refused"]
    without = audited.check()
    assert without["code"] == 0, without["refused"]
    assert "what follows from the log alone (--events)" in without["not_checked"]


def test_without_the_log_it_is_counted_what_only_the_log_says(audited: Audited):
    not_checked = audited.check()["not_checked"]
    assert "14 rows recorded here" in not_checked
    done = checking.check_here(
        audited.certificate, "--public-key", audited.key, "--rows", audited.export
    )
    points = done.out.count("NOT checked: ")
    assert done.out.endswith(f"; {points} points were NOT checked, see above.\n")


def rewritten(files: Audited, change: Callable[[list[Json]], Any]) -> None:
    """The events with a change, and their chain computed anew, as the log's owner could."""
    events = events_of(files)
    change(events)
    before, hashes = GENESIS, {}
    for event in events:
        if event["topic"] == "consolidation.Verified":
            state = json.loads(event["state"])
            state["chain_head"] = hashes[state["log_position"]]
            event["state"] = json.dumps(state, separators=(",", ":"), ensure_ascii=False)
        header = event["position"].to_bytes(8) + UUID(event["stream"]).bytes
        header += event["version"].to_bytes(8) + event["schema_version"].to_bytes(4)
        header += event["recorded_at"].to_bytes(8) + event["topic"].encode()
        salt = bytes.fromhex(event["salt"])
        payloads = (hashed(salt, event[name].encode()) for name in ("state", "metadata"))
        before = hashed(before, header, *payloads)
        event["hash"] = hashes[event["position"]] = before.hex()
    files.events.write_text("".join(json.dumps(event) + "\n" for event in events))


def other_name(events: list[Json]) -> None:
    event = next(event for event in events if event["topic"] == "restore.Requested")
    event["state"] = event["state"].replace('"name":"r"', '"name":"forged"')
    event["hash"] = ""


def test_a_log_that_was_written_anew_is_refused_by_the_anchor(audited: Audited):
    rewritten(audited, other_name)
    at(audited, audited.content["log"]["position"])
    for label in (LEGACY, RESTORES):
        row = next(row for row in recorded(audited, label) if audited.cell(row, "name") == "t1:r")
        audited.put(row, "name", "t6:forged")
    audited.sign()
    without = audited.check("--events", audited.events)
    assert without["code"] == 0, without["refused"]
    assert (
        "whether the log has grown from one that was kept elsewhere (--anchor)"
        in without["not_checked"]
    )
    said = audited.check(*log_files(audited))
    assert said["code"] == 1
    assert "what the anchor says" in said["refused"]


def test_so_is_a_log_whose_own_events_name_another_chain(audited: Audited):
    rewritten(audited, other_name)
    verified = json.loads((audited.folder / "certificate.json").read_bytes())["certificate"]["log"]
    lines = audited.events.read_text().splitlines()
    assert verified["chain_head"] not in "".join(lines)
    audited.events.write_text("".join(f"{line}\n" for line in lines[: verified["position"]]))
    said = audited.check("--events", audited.events)
    assert "the certificate says" in said["refused"]


def test_the_anchor_alone_refuses_another_head_of_the_log(audited: Audited):
    anchor = ("--anchor", audited.folder / "anchor.json")
    assert audited.check(*anchor)["code"] == 0
    of_a_changed_past(audited)
    audited.sign()
    said = audited.check(*anchor)
    assert said["code"] == 1
    assert said["refused"].startswith("it contradicts the anchor: at position 1 of the log")


def without_the_last(events: list[Json]) -> None:
    del events[-12:]


def without_one(events: list[Json]) -> None:
    del events[20]


def another_salt(events: list[Json]) -> None:
    events[20]["salt"] = "00" * 16


def another_actor(events: list[Json]) -> None:
    events[20]["metadata"] = '{"actor":"eve"}'


def another_state(events: list[Json]) -> None:
    events[20]["state"] = events[20]["state"].replace('"', "'")


def recorded_earlier(events: list[Json]) -> None:
    events[20]["recorded_at"] = 5


def no_number(events: list[Json]) -> None:
    events[20]["position"] = "21"


def no_uuid(events: list[Json]) -> None:
    events[20]["stream"] = "restore"


def beyond_its_form(events: list[Json]) -> None:
    events[20]["remark"] = ""


@pytest.mark.parametrize(
    "change",
    [
        without_the_last, without_one, another_salt, another_actor, another_state,
        recorded_earlier, no_number, no_uuid, beyond_its_form,
    ],
)  # fmt: skip
def test_events_that_are_not_the_logs_are_refused(
    audited: Audited, change: Callable[[list[Json]], None]
):
    events = events_of(audited)
    change(events)
    audited.events.write_text("".join(json.dumps(event) + "\n" for event in events))
    said = audited.check("--events", audited.events)
    assert said["code"] == 1
    assert "event" in said["refused"]


def test_an_anchor_by_another_key_is_refused(audited: Audited):
    anchor = audited.folder / "anchor.json"
    content = json.loads(anchor.read_bytes())["anchor"]
    key = read_key(audited.key.with_name("private.pem"))
    anchor.write_bytes(signed("anchor", content | {"head": "x"}, key))
    said = audited.check(*log_files(audited))
    assert said["refused"] == "the anchor is not what its format asks for"
    anchor.write_bytes(anchor.read_bytes().replace(b'"head":"x"', b'"head":"y"'))
    said = audited.check(*log_files(audited))
    assert "the signature is not that of the given key" in said["refused"]


def test_the_exported_events_are_private_and_whole(audited: Audited):
    events = events_of(audited)
    assert [event["position"] for event in events] == list(range(1, len(events) + 1))
    digest = sha256((audited.folder / "later.json").read_bytes()).hexdigest()
    assert digest in events[-1]["state"]
