#!/usr/bin/env python3
"""Checks a file of exported events without the service. Needs Python 3.9 or newer, nothing else.

    python3 check_events.py EVENTS.ndjson [--anchor ANCHOR.json] [--key PUBLIC.pem]
    python3 check_events.py RESTORES.csv --statement STATEMENT.json --key PUBLIC.pem

Each event's hash is computed again from its stored bytes and from the hash before it, as the page
docs/reference/log.md defines it. An anchor that names one of the hashes shows that all events up to
it are genuine. Of the export of a list, the signed statement says what the file is. Exit code 0:
everything was checked and is right. 1: refused, or not proven. 2: the files cannot be read.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import struct
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn
from uuid import UUID

FORMAT = "restore-log-events/1"
ANCHOR_FORMAT = "restore-log-anchor/1"
STATEMENT = "restore-log-export/1"
STATED = {"chain_head": str, "contents": str, "file_format": str, "log_position": int,
          "parameters": dict, "recorded_at_position": int, "rows": int, "sha256": str,
          "size_bytes": int, "taken_by": str}  # fmt: skip
HEX = re.compile(r"[0-9a-f]+", re.ASCII)
HEADER = {"position": int, "recorded_at": int, "schema_version": int, "stream_id": str,
          "stream_version": int, "topic": str}  # fmt: skip
LEFT_OUT = {**HEADER, "metadata_digest": str, "state_digest": str}


class Refused(Exception):
    """The file is not what it claims to be."""


class Unreadable(Exception):
    """A file that is not there, or is of another kind."""


def part(data: bytes) -> bytes:
    return struct.pack(">Q", len(data)) + data


def salted(salt: bytes, payload: bytes) -> bytes:
    return hashlib.sha256(part(salt) + part(payload)).digest()


def link(previous: bytes, event: dict[str, Any], state: bytes, metadata: bytes) -> bytes:
    """The event's hash, from the hash before it, its header and its payloads' digests."""
    try:
        header = (
            struct.pack(">Q", event["position"])
            + UUID(event["stream_id"]).bytes
            + struct.pack(">qi", event["stream_version"], event["schema_version"])
            + struct.pack(">q", event["recorded_at"])
            + event["topic"].encode()
        )
    except (ValueError, struct.error) as error:
        raise Refused(f"its header is not one: {error}") from error
    if str(UUID(event["stream_id"])) != event["stream_id"]:
        raise Refused("its stream_id is not written as the log writes it")
    return hashlib.sha256(part(previous) + part(header) + part(state) + part(metadata)).digest()


def canonical(content: Any) -> bytes:
    """The only form in which this content may be written."""
    return json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def read_line(line: bytes) -> dict[str, Any]:
    try:
        content = json.loads(line)
        same = canonical(content) + b"\n" == line
    except (ValueError, RecursionError) as error:
        raise Refused("it is not JSON") from error
    if not same or not isinstance(content, dict):
        raise Refused("it is not written as the service writes it")
    return content


def expect(content: dict[str, Any], members: dict[str, type], *optional: str) -> None:
    """Refuse members that are missing, unknown, or of another type."""
    if set(content) - set(optional) != set(members):
        raise Refused("its members are not those of such a line")
    for name, kind in members.items():
        if type(content[name]) is not kind:
            raise Refused(f"its {name} is of another type")


def from_hex(text: Any, length: int) -> bytes:
    if not isinstance(text, str) or len(text) != 2 * length or not HEX.fullmatch(text):
        raise Refused("a hash or salt is not one")
    return bytes.fromhex(text)


def payload(stored: Any) -> bytes:
    """Stored bytes: text, or Base64 if they are not text."""
    if isinstance(stored, str):
        return stored.encode()
    text = stored.get("base64") if isinstance(stored, dict) and len(stored) == 1 else None
    try:
        data = base64.b64decode(text or "", validate=True)
    except (TypeError, ValueError) as error:
        raise Refused("its stored bytes cannot be read") from error
    data_is_text = data.decode("utf-8", "ignore").encode() == data
    if data_is_text or base64.b64encode(data).decode() != text:
        raise Refused("its stored bytes are not written as the service writes them")
    return data


class Report:
    """What was found. `hashes` has those at positions that an anchor may name."""

    def __init__(self) -> None:
        self.head: dict[str, Any] = {}
        self.shown = 0
        self.left_out: Counter[str] = Counter()
        self.gaps = False
        self.hashes: dict[int, bytes] = {}
        self.end: dict[str, Any] = {}


def check_file(lines: Iterator[bytes], wanted: set[int]) -> Report:
    """Check every line. Of the hashes, those at the `wanted` positions are kept."""
    report, digest, number = Report(), hashlib.sha256(), 0
    position, known = 0, b""
    try:
        for number, line in enumerate(lines, 1):
            content = read_line(line)
            if report.end:
                raise Refused("there is more after the end")
            if number == 1:
                report.head = read_head(content)
                position, known = content["after"], from_hex(content["previous"], 32)
                report.hashes[position] = known
            elif "events" in content:
                check_end(content, report, position, known, digest.digest())
            else:
                position, known = check_event(content, report, position, known)
                if position in wanted:
                    report.hashes[position] = known
            digest.update(line)
        if not report.end:
            raise Refused("the end of the file is missing")
    except Refused as error:
        raise Refused(f"line {number}: {error}") from error
    return report


def read_head(content: dict[str, Any]) -> dict[str, Any]:
    expect(content, {"after": int, "filters": dict, "format": str, "log": str, "previous": str,
                     "proof": str, "upto": int})  # fmt: skip
    if content["format"] != FORMAT or content["proof"] not in ("stored", "full"):
        raise Refused(f"it is not of the format {FORMAT}")
    from_hex(content["log"], 32)
    if not 0 <= content["after"] <= content["upto"]:
        raise Refused("its positions are not a range")
    if content["after"] == 0 and from_hex(content["previous"], 32) != bytes(32):
        raise Refused("nothing comes before the first event, and this says otherwise")
    return content


def check_event(
    event: dict[str, Any], report: Report, position: int, known: bytes
) -> tuple[int, bytes]:
    """The event's position, and its hash."""
    full = report.head["proof"] == "full"
    if "state" not in event:
        expect(event, LEFT_OUT)
        if not (full and report.head["filters"]):
            raise Refused("an event is left out in an export that has no such events")
        digests = [from_hex(event[name], 32) for name in ("state_digest", "metadata_digest")]
        report.left_out[event["topic"]] += 1
    else:
        expect(event, {**HEADER, "hash": str, "salt": str}, "state", "metadata", "previous")
        salt = from_hex(event["salt"], 16)
        digests = [salted(salt, payload(event.get(name))) for name in ("state", "metadata")]
        report.shown += 1
    at = event["position"]
    if at <= position or at > report.head["upto"]:
        raise Refused(f"position {at} does not come after {position} in this range")
    gap = at != position + 1
    if gap != ("previous" in event) or (gap and (full or not report.head["filters"])):
        raise Refused(f"position {position + 1} is missing")
    report.gaps = report.gaps or gap
    previous = from_hex(event["previous"], 32) if gap else known
    found = link(previous, event, *digests)
    if "hash" in event and found != from_hex(event["hash"], 32):
        raise Refused("its hash is not that of its content and of the event before it")
    if at == 1 and found.hex() != report.head["log"]:
        raise Refused("it is not the first event of the log that the file names")
    return at, found


def check_end(
    end: dict[str, Any], report: Report, position: int, known: bytes, digest: bytes
) -> None:
    expect(end, {"events": int, "hash": str, "left_out": int, "sha256": str}, "signature")
    if from_hex(end["sha256"], 32) != digest:
        raise Refused("the file was changed: its SHA-256 is another one")
    if (end["events"], end["left_out"]) != (report.shown, sum(report.left_out.values())):
        raise Refused("events are missing, or there are more than there were")
    hash = from_hex(end["hash"], 32)
    upto = report.head["upto"]
    if position == upto and hash != known:
        raise Refused("the hash at its end is not that of its last event")
    if position != upto and (report.head["proof"] == "full" or not report.head["filters"]):
        raise Refused(f"position {position + 1} is missing")
    report.gaps = report.gaps or position != upto
    report.end = end


# Ed25519, RFC 8032: only what a check needs, and not in a hurry.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def point_of(data: bytes) -> tuple[int, int, int, int] | None:
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def add(p: tuple[int, ...], q: tuple[int, ...]) -> tuple[int, int, int, int]:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(count: int, p: tuple[int, ...]) -> tuple[int, ...]:
    total: tuple[int, ...] = (0, 1, 1, 0)
    while count:
        if count & 1:
            total = add(total, p)
        p, count = add(p, p), count >> 1
    return total


def signed_by(key: bytes, signature: bytes, content: bytes) -> bool:
    """Whether the owner of this public key signed exactly these bytes."""
    a, r = point_of(key), point_of(signature[:32])
    base = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or base is None or len(signature) != 64 or s >= L:
        return False
    digest = hashlib.sha512(signature[:32] + key + content).digest()
    one, other = times(s, base), add(r, times(int.from_bytes(digest, "little") % L, a))
    return (
        (one[0] * other[2] - other[0] * one[2]) % P
        == 0
        == (one[1] * other[2] - other[1] * one[2]) % P
    )


def check_signature(name: str, signature: Any, content: Any, key: bytes) -> None:
    expected = {"algorithm": "Ed25519", "key": hashlib.sha256(key).hexdigest()}
    value = signature.get("value") if isinstance(signature, dict) else None
    if not isinstance(value, str) or signature != {**expected, "value": value}:
        raise Refused(f"the {name} was not signed by this key")
    try:
        data = base64.b64decode(value, validate=True)
    except ValueError as error:
        raise Refused(f"the {name}'s signature is not one") from error
    if base64.b64encode(data).decode() != value or not signed_by(key, data, canonical(content)):
        raise Refused(f"the {name} was changed after it was signed")


def read_key(path: Path) -> bytes:
    """The 32 bytes of an Ed25519 public key in PEM."""
    lines = path.read_text("ascii", "replace").split("-----")
    try:
        data = base64.b64decode("".join(lines[2].split()), validate=True)
    except (IndexError, ValueError) as error:
        raise Unreadable(f"{path} is not a public key in PEM") from error
    if len(data) != 44 or data[:12].hex() != "302a300506032b6570032100":
        raise Unreadable(f"{path} is not an Ed25519 public key")
    return data[12:]


def read_anchor(path: Path, key: bytes | None) -> dict[str, Any]:
    document = read_line(path.read_bytes())
    anchor = document.get("anchor")
    if set(document) != {"anchor", "signature"} or not isinstance(anchor, dict):
        raise Refused(f"{path} is not an anchor")
    expect(anchor, {"format": str, "head": str, "issued_at": str, "issued_by": str, "log": str,
                    "position": int})  # fmt: skip
    if anchor["format"] != ANCHOR_FORMAT:
        raise Refused(f"{path} is not an anchor of the format {ANCHOR_FORMAT}")
    if key is not None:
        check_signature("anchor", document["signature"], anchor, key)
    return anchor


def anchored_at(report: Report, anchors: list[dict[str, Any]]) -> int | None:
    """The last position of the file that an anchor names, if there is one."""
    found = None
    for anchor in anchors:
        if anchor["log"] != report.head["log"]:
            raise Refused("the anchor is of another log")
        at = anchor["position"]
        if at in report.hashes:
            if report.hashes[at].hex() != anchor["head"]:
                raise Refused(f"the hash at position {at} is not the one that the anchor names")
            found = at if found is None else max(found, at)
    return found


def verdict(report: Report, anchored: int | None, *, signed: bool) -> tuple[int, str]:
    """The exit code, and what was shown."""
    upto, filters = report.head["upto"], report.head["filters"]
    told = f"{report.shown} events, from position {report.head['after'] + 1} to {upto}"
    if report.left_out:
        others = ", ".join(f"{count} {topic}" for topic, count in sorted(report.left_out.items()))
        told += f"; left out, each with its header and digests: {others}"
    if not report.gaps and anchored == upto:
        whole = "complete" if not filters else "genuine, and none is missing from the range"
        return 0, f"{whole}: {told}. The anchor names the hash at the end."
    if signed:
        done = "complete by its signer's word" if not report.gaps else (
            "genuine, completeness not checked")  # fmt: skip
        return 0, f"{done}: {told}. The file is signed by the given key."
    if report.gaps:
        return 1, f"NOT PROVEN: {told}. Each event fits its hash, but events between them are not "\
            "in the file. Ask for proof=full, or for a signature."  # fmt: skip
    return 1, f"NOT PROVEN: {told}. They fit together, but no anchor names the hash at the end: "\
        f"give --anchor with one of position {upto}."  # fmt: skip


def check(events: Path, anchor_files: list[Path], key_file: Path | None) -> tuple[int, str]:
    key = read_key(key_file) if key_file else None
    anchors = [read_anchor(path, key) for path in anchor_files]
    with events.open("rb") as lines:
        report = check_file(iter(lines), {anchor["position"] for anchor in anchors})
    end = dict(report.end)
    signature = end.pop("signature", None)
    if signature is not None and key is not None:
        check_signature("file", signature, end, key)
    code, told = verdict(report, anchored_at(report, anchors), signed=bool(signature and key))
    unchecked = []
    if anchors and key is None:
        unchecked.append("who signed the anchor (--key)")
    if signature and key is None:
        unchecked.append("the file's signature (--key)")
    if report.head["filters"]:
        unchecked.append(f"that the events shown are those of {json.dumps(report.head['filters'])}")
    return code, told + "".join(f"\nNOT checked: {what}." for what in unchecked)


def check_statement(file: Path, statement: Path, key_file: Path | None) -> tuple[int, str]:
    """Whether the file is the one that a signed statement describes."""
    document = read_line(statement.read_bytes())
    expect(document, {STATEMENT: dict, "signature": dict})
    said = document[STATEMENT]
    expect(said, STATED)
    if key_file is not None:
        check_signature("statement", document["signature"], said, read_key(key_file))
    digest, size = hashlib.sha256(), 0
    with file.open("rb") as pieces:
        for piece in iter(lambda: pieces.read(65_536), b""):
            digest.update(piece)
            size += len(piece)
    if size != said["size_bytes"]:
        raise Refused(f"the file has {size} bytes, and {said['size_bytes']} were taken")
    if digest.hexdigest() != said["sha256"]:
        raise Refused("the file was changed: its SHA-256 is another one")
    told = (
        f"{said['rows']} rows of {said['contents']} as of position {said['log_position']}, "
        f"taken by {said['taken_by']}, recorded at position {said['recorded_at_position']}, "
        f"parameters {json.dumps(said['parameters'])}"
    )
    if key_file is None:
        return 1, f"NOT PROVEN: {told}. Whose statement this is was not checked: give --key."
    return 0, f"whole and unchanged: {told}. The statement is signed by the given key."


def main() -> NoReturn:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    parser.add_argument("events", type=Path)
    parser.add_argument("--anchor", type=Path, action="append", default=[])
    parser.add_argument("--statement", type=Path)
    parser.add_argument("--key", type=Path)
    options = parser.parse_args()
    if options.statement and options.anchor:
        parser.error("the statement of a list has no anchor")
    try:
        if options.statement:
            code, told = check_statement(options.events, options.statement, options.key)
        else:
            code, told = check(options.events, options.anchor, options.key)
    except Refused as error:
        code, told = 1, f"REFUSED: {error}."
    except (OSError, Unreadable) as error:
        code, told = 2, f"{error}"
    print(told, file=sys.stderr if code == 2 else sys.stdout)
    sys.exit(code)


if __name__ == "__main__":
    main()
