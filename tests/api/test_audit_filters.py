"""The filters of the log: each by an index, alone and together as an independent filter says."""

import json
import random
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import chain
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from api.v1.audit.filters import EventFilters
from api.v1.audit.finding import EventSearch
from domain.events import Metadata
from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from infrastructure.event_store.models import Event
from tests.api.conftest import Reader
from tests.api.test_pagination import walk
from tests.builders import backup_registered, requested, started, stream

NAMES = [
    *("ada", "ad", "adam", "import", 'e"ve', 'e"', "e\\", "ü – ada", "a" * 100, "a" * 101),
    *("a" * 300, '","on_behalf_of":"ada', ",", 'x,"correlation":"', "%", "_", "{}", "\\u0022"),
]
WORKS = [UUID(int=number << 64 | number) for number in range(1, 6)]
MAKERS = (requested, started, backup_registered)
Said = dict[str, Any]


def metadata(chance: random.Random) -> Metadata:
    return Metadata(
        actor=chance.choice(NAMES),
        on_behalf_of=chance.choice([None, None, *NAMES]),
        correlation=chance.choice([None, *WORKS]),
        causation=chance.choice([None, *WORKS]),
        reason=chance.choice([None, "because", *NAMES, f'"correlation":"{WORKS[0]}"']),
    )


@pytest.fixture
def known(database: str) -> list[Said]:
    """Three hundred events of a few streams; what is known of each, from the beginning."""
    chance, events, versions = random.Random(12), [], dict[int, int]()
    for _ in range(300):
        number, make = chance.randrange(9), chance.choice(MAKERS)
        versions[number] = versions.get(number, 0) + 1
        changes = {"originator_version": versions[number], "metadata": metadata(chance)}
        events.append(make(number, **changes))
    Log().append([new_event(event) for event in events])
    return [
        {
            "position": position,
            "topic": event.TOPIC,
            "stream": str(event.originator_id),
            "actor": event.metadata.actor,
            "on_behalf_of": event.metadata.on_behalf_of,
            "correlation": str(event.metadata.correlation),
            "causation": str(event.metadata.causation),
        }
        for position, event in enumerate(events, 1)
    ]


FILTERS: dict[str, Callable[[Said, str], bool]] = {
    "actor": lambda event, asked: event["actor"] == asked,
    "on_behalf_of": lambda event, asked: event["on_behalf_of"] == asked,
    "person": lambda event, asked: asked in (event["actor"], event["on_behalf_of"]),
    "correlation": lambda event, asked: event["correlation"] == asked,
    "causation": lambda event, asked: event["causation"] == asked,
    "topic": lambda event, asked: event["topic"] == asked,
    "topic_in": lambda event, asked: event["topic"] in asked.split(","),
    "stream": lambda event, asked: event["stream"] == asked,
    "position_min": lambda event, asked: event["position"] >= int(asked),
    "position_max": lambda event, asked: event["position"] <= int(asked),
}
TOPICS = ["restore.Requested", "restore.Started", "backup.Registered", "restore.Failed"]
VALUES: dict[str, list[str]] = {
    **{name: [*NAMES, "nobody"] for name in ("actor", "on_behalf_of", "person")},
    **{name: [*map(str, WORKS), str(UUID(int=7))] for name in ("correlation", "causation")},
    "topic": TOPICS,
    "topic_in": [",".join(TOPICS[:2]), ",".join(TOPICS[1:]), TOPICS[0]],
    "stream": [str(stream(number)) for number in range(10)],
    "position_min": ["-9223372036854775808", "0", "120", "301", "9223372036854775807"],
    "position_max": ["-1", "1", "150", "400", "9223372036854775807"],
}


def asked() -> Iterator[dict[str, str]]:
    """Each value of each filter alone; then two and three filters at a time."""
    for name, values in VALUES.items():
        yield from ({name: value} for value in values)
    chance = random.Random(3)
    for count in [2] * 60 + [3] * 30:
        yield {name: chance.choice(VALUES[name]) for name in chance.sample(sorted(VALUES), count)}


def found(parameters: dict[str, str], most: int = 1000, *, descending: bool = False) -> list[int]:
    search = EventFilters(parameters, queryset=EventSearch(Event))
    assert search.is_valid(), search.errors
    return search.qs.positions(most, descending=descending)


def test_filters_alone_and_together_find_what_an_independent_filter_finds(known: list[Said]):
    for number, parameters in enumerate(asked()):
        expected = [
            event["position"]
            for event in known
            if all(FILTERS[name](event, value) for name, value in parameters.items())
        ]
        if number % 3:
            assert found(parameters) == expected, parameters
        else:
            assert found(parameters, 7, descending=True) == expected[::-1][:7], parameters


def test_pages_of_a_person_are_whole_in_both_directions(known: list[Said], auditor: Reader):
    expected = [e["position"] for e in known if "ada" in (e["actor"], e["on_behalf_of"])]
    assert len(expected) > 20
    for ordering in ("position", "-position"):
        seen, link = [], "next"
        page = auditor.json("audit/events/", person="ada", page_size="7", ordering=ordering)
        while True:
            seen.append([event["position"] for event in page["results"]])
            if page[link] is None:
                break
            page = auditor.json(page[link])
        if ordering == "position":
            assert [*chain(*seen)] == expected
            back = auditor.json(page["previous"])
            assert [event["position"] for event in back["results"]] == seen[-2]
        else:
            assert [*chain(*seen)] == expected[::-1]


def plan(parameters: dict[str, str]) -> str:
    """How the database finds the first hundred; the last statement that it is asked."""
    asked: list[tuple[str, Any]] = []

    def keep(execute: Any, statement: str, given: Any, many: bool, context: Any) -> Any:
        asked.append((statement, given))
        return execute(statement, given, many, context)

    with connection.execute_wrapper(keep):
        found(parameters, 100)
    statement, given = asked[-1]
    explain = "EXPLAIN " if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN "
    with connection.cursor() as cursor:
        cursor.execute(explain + statement, given)
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


INDEXES = {
    "actor": ["event_store_event_actor"],
    "on_behalf_of": ["event_store_event_on_behalf_of"],
    "person": ["event_store_event_actor", "event_store_event_on_behalf_of"],
    "correlation": ["event_store_event_correlation"],
    "causation": ["event_store_event_causation"],
    "topic": ["event_store_event_topic"],
    "topic_in": ["event_store_event_topic"],
}


def test_each_filter_alone_is_answered_from_its_index(database: str, vendor: str):
    # Nearly all are alike, and what is asked for stands together at the end: the worst there is.
    many = [requested(number, metadata=Metadata(actor="import")) for number in range(3000)]
    work = {"correlation": WORKS[0], "causation": WORKS[0]}
    said = Metadata(actor="ada", on_behalf_of="ada", **work)
    few = [started(number, metadata=said) for number in range(300)]
    Log().append([new_event(event) for event in many + few])
    if vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE event_store_event")
    values = {**dict.fromkeys(INDEXES, "ada"), **{name: str(WORKS[0]) for name in work}}
    values |= {"topic": "restore.Started", "topic_in": "restore.Started,restore.Failed"}
    for name, value in values.items():
        for bound in ({}, {"position_min": "3100"}):
            told = plan({name: value, **bound})
            assert all(index in told for index in INDEXES[name]), told
            assert "Seq Scan" not in told, told
            assert "SCAN event_store_event" not in told, told
            if vendor == "sqlite":
                # In the order of the index: nothing is sorted but what an OR brings together.
                assert ("TEMP B-TREE" in told) == (name in ("person", "topic_in")), told
    told = plan({"stream": str(stream(5)), "topic": "restore.Started"})
    assert "event_store_event_stream" in told or "(stream_id=?)" in told, told


def test_the_filter_with_the_fewest_events_is_searched_by(database: str):
    many = [requested(number, metadata=Metadata(actor="import")) for number in range(1500)]
    Log().append([new_event(event) for event in many])
    Log().append([new_event(started(1, metadata=Metadata(actor="import")))])
    told = plan({"actor": "import", "topic": "restore.Started"})
    assert "event_store_event_topic" in told
    assert "event_store_event_actor" not in told


def test_a_page_asks_as_many_questions_whatever_its_size(known: list[Said], auditor: Reader):
    def count(size: str) -> int:
        asked: list[str] = []

        def keep(execute: Any, statement: str, given: Any, many: bool, context: Any) -> Any:
            asked.append(statement)
            return execute(statement, given, many, context)

        with connection.execute_wrapper(keep):
            parameters = {"person": "ada", "topic": "restore.Started", "page_size": size}
            auditor.json("audit/events/", **parameters)
        return len(asked)

    count("1")
    assert count("1") == count("100")


def test_an_interval_is_of_when_events_were_recorded(database: str, auditor: Reader):
    first = Log().head().position + 1
    for number in range(3):
        Log().append([new_event(requested(number))])
    of_three = {"position_min": str(first), "topic": "restore.Requested"}
    own = {"stream": str(stream(1))}
    (second,) = auditor.json("audit/events/", **own)["results"]
    at = datetime.fromisoformat(second["recorded_at"])
    there = at.astimezone(ZoneInfo("Asia/Kolkata")).replace(tzinfo=None).isoformat()

    def positions(**asked: str) -> list[int]:
        page = auditor.json("audit/events/", **of_three, **asked)
        return [event["position"] - first for event in page["results"]]

    assert positions(since=at.isoformat()) == [1, 2]
    assert positions(until=at.isoformat()) == [0, 1]
    assert positions(since=at.isoformat(), until=at.isoformat()) == [1]
    assert positions(since=there, tz="Asia/Kolkata") == [1, 2]
    assert positions(since="yesterday", until="today") == positions(last="1 hour") == [0, 1, 2]
    assert positions(until="2020-01-01") == []
    pages = walk(auditor, "audit/events/", "next", last="1 hour", page_size=1, **of_three)
    assert [page["results"][0]["position"] - first for page in pages] == [0, 1, 2]
    assert {page["interval"]["before"] for page in pages} == {pages[0]["interval"]["before"]}
    file = auditor.get("audit/events/export/", since=at.isoformat(), until=at.isoformat())
    lines = [json.loads(line) for line in b"".join(file.streaming_content).splitlines()]
    assert [line["position"] for line in lines if "topic" in line] == [second["position"]]
    for asked, parameter in (({"since": "soon"}, "since"), ({"last": "a while"}, "last")):
        problem = auditor.problem("audit/events/", 400, **asked)
        assert (problem["code"], problem["parameter"]) == ("interval_invalid", parameter)
