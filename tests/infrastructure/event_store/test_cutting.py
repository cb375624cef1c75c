"""Long texts are cut on their way out of the log; what is left is JSON, and says what it was."""

import random
from hashlib import sha256
from typing import Any

import msgspec
import pytest

from infrastructure.event_store import log as logs
from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from infrastructure.event_store.shortened_json import CUT, beginning, shorten_texts
from tests.builders import requested, stream
from tests.support.statements import statements

DOCUMENTS: list[Any] = [
    {},
    {"a": 1},
    {"a": None, "b": [True, False, -1.5e3], "c": {"d": {}, "e": []}},
    {"text": 'quote " backslash \\ \\\\ line \n nul \0 ü 💾 end', "after": {"x": "y" * 50}},
    {"m": "💾" * 40 + '"\\' * 40, "list": [["a" * 30, {"k": "v" * 30}], 7]},
]


def pieces(document: bytes, chance: random.Random) -> list[bytes]:
    found = []
    while document:
        size = chance.randint(1, 9)
        found.append(document[:size])
        document = document[size:]
    return found


@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_is_short_enough_stays_as_it_is(document: Any):
    written = msgspec.json.encode(document)
    assert shorten_texts(pieces(written, random.Random(1)), 10_000) == written


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize("longest", range(1, 24))
def test_what_is_cut_is_json_wherever_it_is_cut(document: Any, longest: int):
    written = msgspec.json.encode(document)
    cut = shorten_texts(pieces(written, random.Random(longest)), longest)
    assert cut == shorten_texts([written], longest)
    msgspec.json.decode(cut)


def test_a_cut_text_tells_its_length_and_digest_so_two_texts_stay_two():
    one, other = "x" * 100 + "1", "x" * 100 + "2"
    written = msgspec.json.encode({"one": one, "other": other})
    cut = msgspec.json.decode(shorten_texts([written], 10))
    assert cut["one"] == f"{'x' * 10}… (101 bytes, SHA-256 {sha256(one.encode()).hexdigest()})"
    assert cut["one"] != cut["other"]
    found = CUT.search(cut["other"])
    assert found is not None
    assert found[1] == "101"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_beginning_of_an_object_is_an_object_wherever_it_ends(document: Any):
    written = msgspec.json.encode(document)
    for end in range(len(written) + 1):
        found = msgspec.json.decode(beginning(written[:end]))
        assert set(found) <= set(document)
        for name in list(found)[:-1]:
            assert found[name] == document[name]
    assert msgspec.json.decode(beginning(written)) == document


def test_a_long_event_is_read_a_piece_at_a_time(database: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(logs, "PIECE", 1_000)
    message = "é" * 5_000 + "end"
    Log().append([new_event(requested(1, message=message, name="short"))])
    assert max(map(len, Log().state_pieces(1))) == 1_000
    (event,) = Log().brief_stream(stream(1), 100)
    assert event.name == "short"
    assert event.message.startswith("é" * 50 + "… (10003 bytes")
    assert event.metadata.actor == "ops"
    (whole,) = Log().brief_stream(stream(1), 1_000_000)
    assert whole.message == message


def test_long_events_are_read_together_as_far_as_memory_goes(
    database: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(logs, "AT_ONCE", 20_000)
    lengths = [*[3_000] * 12, 10, 30_000, *[6_000] * 6]
    Log().append(
        [new_event(requested(n, message="m" * length)) for n, length in enumerate(lengths, 1)]
    )
    streams = [stream(n) for n in range(1, len(lengths) + 1)]
    with statements() as asked:
        events = list(Log().brief_streams(streams, len(lengths), 100))
    assert [event.message[:101].rstrip("…") for event in events] == [
        "m" * min(length, 100) for length in lengths
    ]
    assert [
        f"({length} bytes" in event.message for length, event in zip(lengths, events, strict=True)
    ] == [length > 100 for length in lengths]
    # Not one for each.
    assert len(asked) <= 10
