"""The check knows every event of the log, and does not judge by one that it does not know."""

import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from domain.catalogue import CATALOGUE
from tests.projections.verification.re_signing import Audited
from tests.projections.verification.test_re_signed import audited, original
from tests.projections.verification.test_re_signed_log import at, rewritten
from tests.support import checking

__all__ = ["audited", "original"]  # fixtures


def test_it_knows_each_topic_in_its_newest_schema_version():
    the_check: ModuleType = checking.loaded()
    topics = CATALOGUE.by_topic.items()
    assert {topic: event.SCHEMA_VERSION for topic, event in topics} == the_check.KNOWN


def topic(events: list[dict[str, Any]]) -> str:
    event = next(event for event in events if event["topic"] == "restore.Cancelled")
    event["topic"] = "restore.Paused"
    return f"event {event['position']:,} is a restore.Paused of schema version 2"


def schema_version(events: list[dict[str, Any]]) -> str:
    event = next(event for event in events if event["topic"] == "restore.Amended")
    event["schema_version"] = 2
    return f"event {event['position']:,} is a restore.Amended of schema version 2"


def of_the_consolidation(events: list[dict[str, Any]]) -> str:
    event = next(event for event in events if event["topic"] == "consolidation.ZoneChosen")
    event["topic"] = "consolidation.CalendarChosen"
    return f"event {event['position']:,} is a consolidation.CalendarChosen of schema version 1"


@pytest.mark.parametrize("newer", [topic, schema_version, of_the_consolidation])
def test_it_cannot_check_by_an_event_that_is_newer(
    audited: Audited, newer: Callable[[list[dict[str, Any]]], str]
):
    said: list[str] = []
    rewritten(audited, lambda events: said.append(newer(events)))
    at(audited, audited.content["log"]["position"])
    audited.sign()
    done = checking.check_here(
        *(audited.certificate, "--public-key", audited.key, "--rows", audited.export),
        *("--events", audited.events, "--json"),
    )
    assert (done.code, json.loads(done.out)["refused"]) == (2, None)
    assert done.err.startswith(f"Cannot check: {said[0]}, and this check is older than that")


def test_one_after_the_certificate_is_said_and_does_not_matter_to_it(audited: Audited):
    position = audited.content["log"]["position"]
    rewritten(audited, lambda events: events[-1].update(topic="consolidation.Reviewed"))
    said = audited.check("--events", audited.events)
    assert said["code"] == 0
    last = len(audited.events.read_bytes().splitlines())
    assert last > position
    assert (
        f"what was said since by consolidation.Reviewed at position {last:,}: this check is older "
        "than that"
    ) in said["not_checked"]
