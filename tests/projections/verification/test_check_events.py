"""The stand-alone check of exported events, against forgers who compute every hash again.

The files are written here from what docs/reference/log.md and docs/reference/rest.md say of them.
"""

import base64
import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from struct import pack
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from projections.verification import check_events

Json = dict[str, Any]
KEY, OTHER_KEY = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2))
NOTHING = bytes(32).hex()
STREAM = "0a5f4a3c-9d1e-4b7f-8a2b-3c4d5e6f7a8b"
SALT = "00112233445566778899aabbccddeeff"


def line(content: Any) -> bytes:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode() + b"\n"


def part(data: bytes) -> bytes:
    return pack(">Q", len(data)) + data


def digest(stored: Any) -> bytes:
    data = stored.encode() if isinstance(stored, str) else base64.b64decode(stored["base64"])
    return sha256(part(bytes.fromhex(SALT)) + part(data)).digest()


def event(position: int, **changes: Any) -> Json:
    """An event that is shown; its hash is computed by `seal`."""
    return {
        "position": position, "stream_id": STREAM, "stream_version": position, "schema_version": 1,
        "topic": f"restore.Topic{position}", "recorded_at": 1_700_000_000_000_000 + position,
        "salt": SALT, "state": f'{{"n":{position},"é":"ü"}}', "metadata": '{"actor":"ada"}',
        **changes,
    }  # fmt: skip


def left_out(shown: Json) -> Json:
    """The same event, as a file with `proof=full` has it if a filter leaves it out."""
    bare = {name: shown[name] for name in shown if name not in ("salt", "state", "metadata")}
    return {
        **bare,
        **{f"{name}_digest": digest(shown[name]).hex() for name in ("state", "metadata")},
    }


def hash_of(one: Json, previous: str) -> str:
    header = (
        pack(">Q", one["position"]) + UUID(one["stream_id"]).bytes
        + pack(">qiq", one["stream_version"], one["schema_version"], one["recorded_at"])
        + one["topic"].encode()
    )  # fmt: skip
    digests = [
        bytes.fromhex(one[f"{name}_digest"]) if f"{name}_digest" in one else digest(one[name])
        for name in ("state", "metadata")
    ]
    parts = [bytes.fromhex(previous), header, *digests]
    return sha256(b"".join(map(part, parts))).hexdigest()


LOG = [event(position) for position in range(1, 7)]
HASHES = [NOTHING]
for one in LOG:
    HASHES.append(hash_of(one, HASHES[-1]))
LOG_ID = HASHES[1]


class File:
    """A file of events, whose parts a test may change before it is written."""

    def __init__(
        self, after: int = 0, upto: int = 6, *, shown: set[int] | None = None, proof: str = "stored"
    ) -> None:
        filters = {} if shown is None else {"actor": "ada"}
        self.head: Json = {
            "format": "restore-log-events/1", "log": LOG_ID, "after": after, "upto": upto,
            "previous": HASHES[after], "filters": filters, "proof": proof,
        }  # fmt: skip
        self.events: list[Json] = []
        for one in LOG[after:upto]:
            if shown is None or one["position"] in shown:
                self.events.append({**one, "hash": HASHES[one["position"]]})
            elif proof == "full":
                self.events.append(left_out(one))
        before = after
        for one in self.events:
            if one["position"] != before + 1:
                one["previous"] = HASHES[one["position"] - 1]
            before = one["position"]
        self.end: Json = {"hash": HASHES[upto]}
        self.signer: Ed25519PrivateKey | None = None
        self.signature: Json = {}

    def seal(self) -> "File":
        """Compute each hash again from the events as they are now, as a forger would."""
        known = self.head["previous"]
        for one in self.events:
            known = hash_of(one, one.get("previous", known))
            if "hash" in one:
                one["hash"] = known
        if self.events and self.events[-1]["position"] == self.head["upto"]:
            self.end["hash"] = known
        return self

    def written(self) -> bytes:
        lines = [line(self.head), *map(line, self.events)]
        shown = sum("state" in one for one in self.events)
        end = {
            "events": shown, "left_out": len(self.events) - shown,
            "sha256": sha256(b"".join(lines)).hexdigest(), **self.end,
        }  # fmt: skip
        if self.signer is not None:
            end["signature"] = {**signature(self.signer, end), **self.signature}
        return b"".join([*lines, line(end)])


def public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def signature(key: Ed25519PrivateKey, content: Any) -> Json:
    value = base64.b64encode(key.sign(line(content)[:-1])).decode()
    return {"algorithm": "Ed25519", "key": sha256(public(key)).hexdigest(), "value": value}


def anchor(at: int, key: Ed25519PrivateKey | None = KEY, **changes: Any) -> bytes:
    content = {
        "format": "restore-log-anchor/1", "log": LOG_ID, "position": at, "head": HASHES[at],
        "issued_at": "2026-03-01T12:00:00Z", "issued_by": "ada", **changes,
    }  # fmt: skip
    signed = "unsigned" if key is None else signature(key, content)
    return line({"anchor": content, "signature": signed})


@pytest.fixture
def check(tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """What the check says of a file, as it says it at the terminal."""
    key_file = tmp_path / "key.pem"
    key_file.write_bytes(
        KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )

    def checked(data: bytes, *anchors: bytes, key: bool = False) -> tuple[int, str]:
        file = tmp_path / "events.ndjson"
        file.write_bytes(data)
        files = [tmp_path / f"anchor{number}" for number in range(len(anchors))]
        for path, content in zip(files, anchors, strict=True):
            path.write_bytes(content)
        try:
            return check_events.check(file, files, key_file if key else None)
        except check_events.Refused as error:
            return 1, f"REFUSED: {error}."

    return checked


FILTERED = {"shown": {2, 4}}
WHOLE = "complete: 6 events, from position 1 to 6. The anchor names the hash at the end."
BY_SIGNER = "genuine, completeness not checked: 2 events, from position 1 to 6. The file is signed "
UNFILTERED = '\nNOT checked: that the events shown are those of {"actor": "ada"}.'


@pytest.mark.parametrize(
    ("file", "code", "told"),
    [
        (File(), 0, WHOLE),
        (File(2, 6), 0, "complete: 4 events, from position 3 to 6. The anchor names the hash at"),
        (File(5, 6), 0, "complete: 1 events, from position 6 to 6. The anchor names"),
        (File(proof="full"), 0, WHOLE),
        (File(**FILTERED, proof="full"), 0, "genuine, and none is missing from the range: 2 "
            "events, from position 1 to 6; left out, each with its header and digests: "
            "1 restore.Topic1, 1 restore.Topic3, 1 restore.Topic5, 1 restore.Topic6. The "
            "anchor names the hash at the end." + UNFILTERED),
        (File(**FILTERED), 1, "NOT PROVEN: 2 events, from position 1 to 6. Each event fits its "
            "hash, but events between them are not in the file. Ask for proof=full, or for a "
            "signature." + UNFILTERED),
        (File(shown={2, 4, 6}), 1, "NOT PROVEN: 3 events, from position 1 to 6. Each event fits"),
        (File(shown={1, 2}), 1, "NOT PROVEN: 2 events, from position 1 to 6. Each event fits"),
        (File(shown=set()), 1, "NOT PROVEN: 0 events, from position 1 to 6. Each event fits"),
        (File(0, 5), 1, "NOT PROVEN: 5 events, from position 1 to 5. They fit together, but no "
            "anchor names the hash at the end: give --anchor with one of position 5."),
        (File(6, 6), 0, "complete: 0 events, from position 7 to 6. The anchor names the hash"),
    ],
)  # fmt: skip
def test_what_it_says_of_a_genuine_file(check: Any, file: File, code: int, told: str):
    found = check(file.written(), anchor(6), key=True)
    assert (found[0], found[1].startswith(told)) == (code, True), found[1]


def test_what_a_signature_is_worth(check: Any):
    file = File(**FILTERED)
    file.signer = KEY
    assert check(file.written(), key=True)[1].startswith(BY_SIGNER)
    code, told = check(file.written())
    assert (code, "NOT checked: the file's signature (--key)." in told) == (1, True), told
    file = File()
    file.signer = KEY
    code, told = check(file.written(), key=True)
    assert (code, told.split(":")[0]) == (0, "complete by its signer's word")
    assert "NOT checked" not in told
    code, told = check(File().written(), anchor(6))
    assert (code, told) == (0, f"{WHOLE}\nNOT checked: who signed the anchor (--key).")


def test_an_empty_file_is_as_good_as_its_anchor(check: Any):
    assert check(File(6, 6).written(), anchor(6))[0] == 0
    for file in (File(6, 6), File(0, 0)):
        code, told = check(file.written())
        assert (code, told.startswith("NOT PROVEN: 0 events")) == (1, True), told
    assert check(File(0, 0).written(), anchor(6))[0] == 1


def test_all_that_was_not_checked_is_said(check: Any):
    file = File(**FULL)
    file.signer = KEY
    told = check(file.written(), anchor(6))[1].partition("\n")[2]
    assert told == (
        "NOT checked: who signed the anchor (--key).\n"
        "NOT checked: the file's signature (--key)." + UNFILTERED
    )


def test_the_best_of_several_anchors_counts(check: Any):
    assert check(File().written(), anchor(2), anchor(6), anchor(4))[0] == 0
    assert check(File(2, 6).written(), anchor(6), anchor(1))[0] == 0
    assert check(File().written(), anchor(5))[0] == 1
    told = check(File(2, 6).written(), anchor(2, head=HASHES[3]), anchor(6))
    assert told == (1, "REFUSED: the hash at position 2 is not the one that the anchor names.")
    for other in (anchor(2, head=HASHES[3]), anchor(6, head=HASHES[3])):
        code, told = check(File().written(), other, anchor(6))
        assert (code, "is not the one that the anchor names" in told) == (1, True), told


def changed(where: str, what: Json, file: File | None = None, at: int = 2) -> File:
    """A file in which members are changed or, by `...`, removed; its hashes are not."""
    file = file or File()
    place = {"head": file.head, "end": file.end}.get(where) or file.events[at]
    place |= what
    for name in [name for name in what if what[name] is ...]:
        del place[name]
    return file


def with_event(at: int, what: Json, file: File | None = None) -> File:
    """The same for the event there, of a forger who computes the hashes again."""
    return changed("event", what, file, at).seal()


def without(*at: int, file: File | None = None) -> File:
    file = file or File()
    file.events = [one for number, one in enumerate(file.events) if number not in at]
    return file.seal()


def twice(at: int) -> File:
    file = File()
    file.events.insert(at, dict(file.events[at]))
    return file.seal()


def swapped() -> File:
    file = File()
    file.events[1:3] = file.events[2:0:-1]
    return file.seal()


def hidden(file: File, at: int) -> File:
    file.events[at] = left_out(LOG[at])
    return file


FULL = {**FILTERED, "proof": "full"}
REFUSED: list[tuple[File, str]] = [
    # the first line
    (changed("head", {"format": "restore-log-events/2"}), "line 1: it is not of the format"),
    (changed("head", {"proof": "none"}), "line 1: it is not of the format"),
    (changed("head", {"log": LOG_ID[1:]}), "line 1: a hash or salt is not one"),
    (changed("head", {"previous": "0"}), "line 1: a hash or salt is not one"),
    (changed("head", {"previous": LOG_ID}), "line 1: nothing comes before the first event"),
    (changed("head", {"after": -1}), "line 1: its positions are not a range"),
    (changed("head", {"upto": 5, "after": 6}), "line 1: its positions are not a range"),
    (changed("head", {"upto": True}), "line 1: its upto is of another type"),
    (changed("head", {"filters": []}), "line 1: its filters is of another type"),
    (changed("head", {"more": 1}), "line 1: its members are not those of such a line"),
    (changed("head", {"log": ...}), "line 1: its members are not those of such a line"),
    (changed("head", {"log": HASHES[2]}), "line 2: it is not the first event of the log"),
    # events that are missing, twice, elsewhere or too many
    (without(0), "line 2: position 1 is missing"),
    (without(3), "line 5: position 4 is missing"),
    (without(5), "line 7: position 6 is missing"),
    (without(0, 1, 2, 3, 4, 5), "line 2: position 1 is missing"),
    (without(3, file=File(**FULL)), "line 5: position 4 is missing"),
    (without(5, file=File(**FULL)), "line 7: position 6 is missing"),
    (twice(2), "line 5: position 3 does not come after 3 in this range"),
    (swapped(), "line 3: position 2 is missing"),
    (changed("head", {"upto": 5}), "line 7: position 6 does not come after 5 in this range"),
    (changed("head", {"after": 1, "previous": LOG_ID}), "line 2: position 1 does not come after 1"),
    # gaps that only a filter may leave, and that say what was before
    (with_event(3, {"previous": HASHES[3]}), "line 5: position 4 is missing"),
    (changed("event", {"previous": LOG_ID}, File(**FILTERED), 1), "line 3: its hash is not that"),
    (changed("event", {"previous": ...}, File(**FILTERED), 1), "line 3: position 3 is missing"),
    (with_event(1, {"previous": HASHES[3]}, File(**FULL)), "line 3: position 2 is missing"),
    (without(2, file=with_event(3, {"previous": HASHES[3]}, File(**FULL))),
        "line 4: position 3 is missing"),
    (without(2, file=with_event(3, {"previous": HASHES[3]})), "line 4: position 3 is missing"),
    # what is left out, in files that leave nothing out
    (hidden(File(), 2), "line 4: an event is left out in an export that has no such events"),
    (hidden(File(proof="full"), 2), "line 4: an event is left out in an export that has no such"),
    (hidden(File(shown={1, 2, 3, 4, 5, 6}), 2), "line 4: an event is left out in an export that"),
    (changed("event", {"state_digest": "0" * 63}, File(**FULL)), "line 4: a hash or salt is not"),
    (changed("event", {"state_digest": NOTHING}, File(**FULL)), "line 5: its hash is not that of"),
    (changed("event", {"metadata_digest": NOTHING}, File(**FULL)), "line 5: its hash is not that"),
    (changed("event", {"hash": HASHES[3]}, File(**FULL)), "line 4: its members are not those"),
    # an event's own members
    *(
        (changed("event", {name: value}), "line 4: its hash is not that of its content")
        for name, value in [
            ("stream_version", 9), ("schema_version", 2), ("recorded_at", 1), ("topic", "x"),
            ("salt", "0" * 32), ("state", "{}"), ("metadata", "{}"), ("hash", HASHES[4]),
            ("stream_id", str(UUID(int=1))), ("state", {"base64": "/w=="}),
        ]
    ),
    (changed("event", {"hash": ...}), "line 4: its members are not those of such a line"),
    (changed("event", {"topic": ...}), "line 4: its members are not those of such a line"),
    (changed("event", {"position": 3.0}), "line 4: its position is of another type"),
    (changed("event", {"schema_version": True}), "line 4: its schema_version is of another type"),
    (changed("event", {"topic": None}), "line 4: its topic is of another type"),
    (changed("event", {"stream_version": 2**63}), "line 4: its header is not one"),
    (changed("event", {"schema_version": 2**31}), "line 4: its header is not one"),
    (changed("event", {"recorded_at": -(2**63) - 1}), "line 4: its header is not one"),
    (changed("event", {"stream_id": "1"}), "line 4: its header is not one"),
    (changed("event", {"stream_id": STREAM.upper()}), "line 4: its stream_id is not written as"),
    (changed("event", {"stream_id": STREAM.replace("-", "")}), "line 4: its stream_id is not"),
    (changed("event", {"salt": SALT.upper()}), "line 4: a hash or salt is not one"),
    (changed("event", {"salt": SALT + "00"}), "line 4: a hash or salt is not one"),
    (changed("event", {"salt": "٠" * 32}), "line 4: a hash or salt is not one"),
    (changed("event", {"state": 1}), "line 4: its stored bytes are not written as"),
    (changed("event", {"state": None}), "line 4: its stored bytes are not written as"),
    (changed("event", {"metadata": ...}), "line 4: its stored bytes are not written as"),
    (changed("event", {"state": {"base64": 1}}), "line 4: its stored bytes cannot be read"),
    (changed("event", {"state": {"base64": "/w"}}), "line 4: its stored bytes cannot be read"),
    (changed("event", {"state": {"base64": "/w =="}}), "line 4: its stored bytes cannot be read"),
    (changed("event", {"state": {"base64": "/x=="}}), "line 4: its stored bytes are not written"),
    (changed("event", {"state": {"base64": "YQ=="}}), "line 4: its stored bytes are not written"),
    (changed("event", {"state": {"base64": "/w==", "x": 1}}), "line 4: its stored bytes are not"),
    (changed("event", {"state": {"base65": "/w=="}}), "line 4: its stored bytes are not written"),
    # the last line
    (changed("end", {"sha256": NOTHING}), "line 8: the file was changed: its SHA-256 is another"),
    (changed("end", {"sha256": ""}), "line 8: a hash or salt is not one"),
    (changed("end", {"events": 5}), "line 8: events are missing, or there are more"),
    (changed("end", {"left_out": 1}), "line 8: events are missing, or there are more"),
    (changed("end", {"left_out": 3}, File(**FULL)), "line 8: events are missing, or there are"),
    (changed("end", {"hash": HASHES[5]}), "line 8: the hash at its end is not that of its last"),
    (changed("end", {"hash": HASHES[6][1:]}), "line 8: a hash or salt is not one"),
    (changed("end", {"events": 6.0}), "line 8: its events is of another type"),
    (changed("end", {"more": 1}), "line 8: its members are not those of such a line"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "why"), REFUSED, ids=[str(n) for n in range(len(REFUSED))])
def test_a_forged_file_is_refused_where_it_is_wrong(check: Any, file: File, why: str):
    code, told = check(file.written())
    assert (code, told.startswith(f"REFUSED: {why}")) == (1, True), told


def test_bytes_that_are_no_text_are_hashed_as_they_are(check: Any):
    file = with_event(5, {"state": {"base64": base64.b64encode(b"\xff\x00{").decode()}})
    code, told = check(file.written())
    assert (code, told.startswith("NOT PROVEN: 6 events")) == (1, True), told


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda data: b"", "line 0: the end of the file is missing"),
        (
            lambda data: data[: data[:-1].rindex(b"\n") + 1],
            "line 7: the end of the file is missing",
        ),
        (lambda data: data + line(LOG[0]), "line 9: there is more after the end"),
        (lambda data: data[:-1], "line 8: it is not written as the service writes it"),
        (lambda data: data.replace(b":", b": ", 1), "line 1: it is not written as the service"),
        (lambda data: data.replace(b"\xc3\xa9", b"\\u00e9", 1), "line 2: it is not written as"),
        (lambda data: b'{"b":1,"a":1}\n' + data, "line 1: it is not written as the service"),
        (lambda data: data.replace(b"\n", b"\r\n", 1), "line 1: it is not written as the service"),
        (lambda data: b"[]\n" + data, "line 1: it is not written as the service writes it"),
        (lambda data: b"{\n" + data, "line 1: it is not JSON"),
        (lambda data: b'{"a":NaN}\n' + data, "line 1: it is not JSON"),
        (lambda data: b"[" * 100_000 + b"\n" + data, "line 1: it is not JSON"),
        (lambda data: b"\xff\n" + data, "line 1: it is not JSON"),
        (lambda data: data.split(b"\n", 1)[1], "line 1: its members are not those of such a line"),
    ],
)
def test_a_file_in_another_form_is_refused(check: Any, change: Callable[[bytes], bytes], why: str):
    code, told = check(change(File().written()), key=True)
    assert (code, told.startswith(f"REFUSED: {why}")) == (1, True), told


BASE_X = 15112221349535400772501151409588531511454012693041857206046113283949847762202
BASE_Y = 46316835694926478169428394003475163141307993866256225615783033603165251855960
"""The base point, of RFC 8032, 5.1."""
NO_POINT = (2).to_bytes(32, "little")
TOO_LARGE = (2**255 - 19 + 1).to_bytes(32, "little")


def s_and_order(key: Ed25519PrivateKey, content: bytes) -> bytes:
    """The signature, with the group's order added to its number: it fits the equation as well."""
    signed = key.sign(content)
    number = int.from_bytes(signed[32:], "little") + 2**252 + 27742317777372353535851937790883648493
    return signed[:32] + number.to_bytes(32, "little")


def test_each_point_is_written_in_one_way():
    base = check_events.point_of(BASE_Y.to_bytes(32, "little"))
    assert base is not None
    assert base[:2] == (BASE_X, BASE_Y)
    prime, sign = 2**255 - 19, 1 << 255
    assert check_events.point_of((1).to_bytes(32, "little")) == (0, 1, 1, 0)
    for other in (1 | sign, prime, prime + 1, 2, 2 | sign):
        assert check_events.point_of(other.to_bytes(32, "little")) is None, other


def test_signatures_are_those_of_the_library():
    content = b"what was signed"
    signed = KEY.sign(content)
    assert check_events.signed_by(public(KEY), signed, content)
    for number in range(64):
        other = signed[:number] + bytes([signed[number] ^ 1]) + signed[number + 1 :]
        assert not check_events.signed_by(public(KEY), other, content), number
    for key, value, text in [
        (public(OTHER_KEY), signed, content),
        (public(KEY), signed, content + b"."),
        (public(KEY), signed[:-1], content),
        (public(KEY), signed + b"\0", content),
        (public(KEY), b"", content),
        (public(KEY), s_and_order(KEY, content), content),
        (NO_POINT, signed, content),
        (TOO_LARGE, signed, content),
        (public(KEY), NO_POINT + signed[32:], content),
    ]:
        assert not check_events.signed_by(key, value, text)
    for number in range(30):
        key, text = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32), bytes([number])
        assert check_events.signed_by(public(key), key.sign(text), text)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"algorithm": "Ed448"}, "the file was not signed by this key"),
        ({"key": NOTHING}, "the file was not signed by this key"),
        ({"more": 1}, "the file was not signed by this key"),
        ({"value": 1}, "the file was not signed by this key"),
        ({"value": "="}, "the file's signature is not one"),
        ({"value": "AAAA"}, "the file was changed after it was signed"),
    ],
)
def test_another_signature_is_refused(check: Any, changes: Json, why: str):
    file = File()
    file.signer, file.signature = KEY, changes
    assert check(file.written(), anchor(6), key=True) == (1, f"REFUSED: {why}.")
    file.signature = {}
    assert check(file.written(), anchor(6), key=True)[0] == 0
    file.signer = OTHER_KEY
    told = check(file.written(), anchor(6), key=True)
    assert told == (1, "REFUSED: the file was not signed by this key.")
    written = File()
    written.end["signature"] = "none"
    told = check(written.written(), anchor(6), key=True)
    assert told == (1, "REFUSED: the file was not signed by this key.")


def test_a_signature_covers_the_end_and_by_it_every_line(check: Any):
    file = File(**FILTERED)
    file.signer = KEY
    *lines, end = file.written().splitlines(keepends=True)
    fewer = lines[:2]
    told = json.loads(end)
    told |= {"events": 1, "sha256": sha256(b"".join(fewer)).hexdigest()}
    found = check(b"".join([*fewer, line(told)]), key=True)
    assert found == (1, "REFUSED: the file was changed after it was signed.")
    value = told["signature"]["value"]
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = value[:-3] + digits[digits.index(value[-3]) + 1] + "=="  # the same bytes
    changed_end = end.replace(value.encode(), other.encode())
    assert check(b"".join([*lines, changed_end]), key=True)[0] == 1


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (anchor(6, log=HASHES[2]), "the anchor is of another log"),
        (anchor(6, format="restore-log-anchor/2"), "is not an anchor of the format"),
        (anchor(6, OTHER_KEY), "the anchor was not signed by this key"),
        (anchor(6, None), "the anchor was not signed by this key"),
        (anchor(6, more=1), "its members are not those of such a line"),
        (anchor(6, position="6"), "its position is of another type"),
        (anchor(6)[:-1], "it is not written as the service writes it"),
        (b"{}\n", "is not an anchor"),
        (line({**json.loads(anchor(6)), "more": 1}), "is not an anchor"),
        (line({**json.loads(anchor(6)), "anchor": []}), "is not an anchor"),
        (anchor(6).replace(b'"ada"', b'"eve"'), "the anchor was changed after it was signed"),
    ],
)
def test_another_anchor_is_refused(check: Any, content: bytes, why: str):
    code, told = check(File().written(), content, key=True)
    assert (code, "REFUSED" in told, why in told) == (1, True, True), told


PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
DER = KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def pem(data: bytes) -> bytes:
    return PEM.split(b"\n")[0] + b"\n" + base64.b64encode(data) + b"\n" + PEM.split(b"\n")[2]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is not a public key in PEM"),
        (b"\xff", "is not a public key in PEM"),
        (
            b"-----BEGIN PUBLIC KEY-----\n!\n-----END PUBLIC KEY-----\n",
            "is not a public key in PEM",
        ),
        (pem(DER[:-1]), "is not an Ed25519 public key"),
        (pem(DER + b"\0"), "is not an Ed25519 public key"),
        (pem(b"\x31" + DER[1:]), "is not an Ed25519 public key"),
    ],
)
def test_a_file_that_is_no_key_is_not_read(tmp_path: Path, content: bytes, why: str):
    file = tmp_path / "key.pem"
    file.write_bytes(pem(DER))
    assert check_events.read_key(file) == public(KEY)
    halves = base64.b64encode(DER[:24]) + b"\n" + base64.b64encode(DER[24:])
    file.write_bytes(PEM.replace(base64.b64encode(DER), halves))
    assert check_events.read_key(file) == public(KEY)
    file.write_bytes(content)
    with pytest.raises(check_events.Unreadable, match=why):
        check_events.read_key(file)
