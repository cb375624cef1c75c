"""Answers are bounded in bytes; a long value is cut, and all of it has an address of its own."""

import gc
import json
import tracemalloc
from typing import Any

import msgspec
import pytest

import api.v1.long_values
from api.v1 import pagination
from api.v1.audit import serializers as audit
from api.v1.restores import trail
from api.v1.rows import heads
from infrastructure import long_values
from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from projections.engine.catch_up import catch_up
from projections.history import change_history as trails
from projections.system_backups.models import RestoreLog
from tests.api.conftest import Reader
from tests.api.rows import backup, legacy, put, restore
from tests.builders import completed, requested, started, stream

LONG = 'é "quoted" \\ 💾' * 12_000
ROW = 2_000_000_000_001


def whole(response: Any) -> bytes:
    assert response.streaming
    return b"".join(response.streaming_content)


@pytest.mark.parametrize(("path", "row"), [("restores/", restore), ("legacy/restores/", legacy)])
def test_a_long_message_is_cut_and_told_where_all_of_it_is(viewer: Reader, path: str, row: Any):
    put(row(1, message=LONG), row(2, message="short"))
    shown = viewer.json(f"{path}1/")
    assert shown["message"] == LONG[:65_536]
    cut = shown["truncated"]["message"]
    assert (cut["length"], cut["unit"]) == (len(LONG), "characters")
    answer = viewer.get(cut["whole"], headers={"Accept": "text/html"})
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert whole(answer).decode() == LONG
    assert "truncated" not in viewer.json(f"{path}2/")
    in_list = {one["id"]: one for one in viewer.json(path)["results"]}
    assert (in_list[1]["message"], in_list[1]["message_truncated"]) == (LONG[:500], True)
    assert in_list[1]["truncated"]["message"]["whole"].endswith(f"/{path}1/message/")
    assert (in_list[2]["message"], in_list[2]["message_truncated"]) == ("short", False)
    assert viewer.problem(f"{path}3/message/", 404)["code"] == "restore_not_found"


@pytest.mark.parametrize("short", [0, 100_000])
def test_characters_on_the_border_of_two_pieces_stay_whole(
    viewer: Reader, short: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(long_values, "SHORT", short)
    monkeypatch.setattr(api.v1.long_values, "PIECE", 7)
    monkeypatch.setattr(long_values, "PIECE", 5)
    text = "💾é€" * 600
    put(restore(1, message=text))
    shown = viewer.json("restores/")["results"][0]
    assert shown["message"] == text[:500]
    assert shown["truncated"]["message"]["length"] == len(text)
    assert whole(viewer.get(shown["truncated"]["message"]["whole"])).decode() == text


def test_a_connection_keeps_nothing_of_the_rows_that_were_read(database: str):
    put(*(restore(number, message="as it was") for number in range(1, 51)))

    def held_after(times: int) -> int:
        for _ in range(times):
            assert len(list(heads(RestoreLog))) == 50
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        before = held_after(20)
        assert held_after(40) - before < 100_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("path", "row"),
    [("restores/", restore), ("legacy/restores/", legacy), ("backups/", backup)],
)
def test_a_long_extra_shows_its_beginning(viewer: Reader, path: str, row: Any):
    extra = msgspec.json.encode({"zone": "eu", "notes": LONG, "after": 1}).decode()
    put(row(1, extra=extra), row(2, extra='{"zone":"eu"}'))
    shown = {one["id"]: one for one in viewer.json(path)["results"]}
    assert list(shown[1]["extra"]) == ["zone", "notes"]
    assert shown[1]["extra"]["zone"] == "eu"
    assert shown[1]["extra"]["notes"].endswith("…")
    assert LONG.startswith(shown[1]["extra"]["notes"].removesuffix("…"))
    assert shown[2]["extra"] == {"zone": "eu"}
    assert "truncated" not in shown[2]
    answer = viewer.get(shown[1]["truncated"]["extra"]["whole"])
    assert whole(answer).decode() == extra
    assert viewer.get(f"{path}9/extra/", expect=404).json()["code"].endswith("_not_found")


def test_a_page_ends_before_it_is_too_long_and_the_next_goes_on(
    viewer: Reader, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pagination, "MOST_BYTES", 10_000)
    put(*(restore(id, message="m" * 500) for id in range(1, 31)))
    page, seen = viewer.json("restores/?page_size=1000&ordering=id"), []
    assert 1 < len(page["results"]) < 10
    seen += [row["id"] for row in page["results"]]
    while page["next"]:
        page = viewer.json(page["next"])
        seen += [row["id"] for row in page["results"]]
    assert seen == list(range(1, 31))
    back = []
    while page["previous"]:
        page = viewer.json(page["previous"])
        back = [row["id"] for row in page["results"]] + back
    assert back == [id for id in seen if id <= back[-1]]


def history() -> None:
    Log().append(
        [
            new_event(requested(1, message=LONG, name="nightly")),
            new_event(started(1)),
            new_event(completed(1, message=f"{LONG}!")),
            new_event(requested(2)),
        ]
    )
    catch_up()


def test_a_long_event_shows_its_beginning_and_all_of_it_is_streamed(reader_of: Any):
    history()
    auditor, viewer = reader_of("auditor"), reader_of("viewer")
    for reader, path, place in [
        (auditor, "audit/events/?page_size=1000", "audit/events/1/state/"),
        (viewer, f"restores/{ROW}/events/", f"restores/{stream(1)}/events/1/state/"),
    ]:
        events = reader.json(path)["results"]
        first, second = events[0], events[1]
        assert first["state"]["name"] == "nightly"
        assert len(json.dumps(first["state"])) < 2 * audit.STATE_SHOWN
        assert first["truncated"]["state"]["unit"] == "bytes"
        assert first["truncated"]["state"]["whole"].endswith(place)
        assert "truncated" not in second
        answer = reader.get(first["truncated"]["state"]["whole"])
        assert answer["Content-Type"] == "application/json"
        assert json.loads(whole(answer))["message"] == LONG
    auditor.problem("audit/events/9/state/", 404)
    viewer.problem("audit/events/1/state/", 403)
    viewer.problem(f"restores/{ROW}/events/4/state/", 404)


def test_a_trail_cuts_what_changed_and_tells_two_long_texts_apart(viewer: Reader):
    history()
    events = viewer.json(f"restores/{ROW}/events/")["results"]
    changed = {c["column"]: c for c in events[2]["changes"] if c["label"].startswith("system")}
    old, new = changed["message"]["old"], changed["message"]["new"]
    assert len(old) < 2_500
    assert old != new
    assert f"({len(msgspec.json.encode(LONG)) - 2} bytes, SHA-256 " in old


def test_a_trail_is_folded_once_for_all_of_its_pages(
    viewer: Reader, monkeypatch: pytest.MonkeyPatch
):
    history()
    counted = []

    def counting(events: Any) -> Any:
        counted.append(1)
        return trails.changes_of(events)

    monkeypatch.setattr(trail, "changes_of", counting)
    page, seen = viewer.json(f"restores/{ROW}/events/?page_size=1"), []
    seen += page["results"]
    while page["next"]:
        page = viewer.json(page["next"])
        seen += page["results"]
    assert [event["position"] for event in seen] == [1, 2, 3]
    assert len(counted) == 1


def test_a_new_event_is_in_the_trail_at_once(viewer: Reader):
    Log().append([new_event(requested(1))])
    catch_up()
    assert len(viewer.json(f"restores/{ROW}/events/")["results"]) == 1
    Log().append([new_event(started(1))])
    assert len(viewer.json(f"restores/{ROW}/events/")["results"]) == 2


def test_a_row_as_it_stood_is_cut_too(viewer: Reader):
    history()
    shown = viewer.json(f"restores/{ROW}/", as_of="1")
    assert len(shown["message"]) < 70_000
    assert shown["truncated"]["message"]["whole"] is None
    assert shown["name"] == "nightly"


def test_the_pages_in_a_browser_are_bounded_as_well(reader_of: Any):
    history()
    reader = reader_of("auditor")
    for path in ("restores/", f"restores/{ROW}/", f"restores/{ROW}/events/", "audit/events/"):
        page = reader.get(path, format="api").content
        assert len(page) < 400_000, path
