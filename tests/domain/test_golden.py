"""Every event that was ever written must be readable for ever: golden files of each version.

A file per topic and schema version holds a state as it was stored. They are never edited: a
changed event gets a new schema version, an upcaster and a new file.
"""

import json
from pathlib import Path

import msgspec
import pytest

from domain.catalogue import CATALOGUE, Catalogue, UnknownTopic
from domain.events import Event
from infrastructure.event_store.codec import CODEC, Codec

GOLDEN = Path(__file__).parents[1] / "golden"
FILES = sorted(GOLDEN.glob("*.json"))


def test_every_version_of_every_topic_has_a_golden_file():
    expected = {
        f"{topic}.v{version}.json"
        for topic, event_class in CATALOGUE.by_topic.items()
        for version in range(1, event_class.SCHEMA_VERSION + 1)
    }
    assert {path.name for path in FILES} == expected


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_golden_state_is_read_and_written_back_byte_for_byte(path: Path):
    topic, _, version = path.stem.rpartition(".v")
    state = path.read_bytes().rstrip(b"\n")
    event = CODEC.decode(topic, int(version), state)
    assert topic == event.TOPIC
    if int(version) == event.SCHEMA_VERSION:
        assert CODEC.encode(event)[2] == state


def test_topics_are_pinned():
    assert sorted(CATALOGUE.by_topic) == [
        "administration.AccountCreated",
        "administration.AccountDeleted",
        "administration.AccountDisabled",
        "administration.AccountEnabled",
        "administration.AccountRenamed",
        "administration.ClockJumpAccepted",
        "administration.ExportTaken",
        "administration.LogAccepted",
        "administration.LoginFailed",
        "administration.LoginUnlocked",
        "administration.PasswordChanged",
        "administration.RightsChanged",
        "administration.RoleRedefined",
        "administration.TokenCreated",
        "administration.TokenRevoked",
        "administration.TrailRead",
        "backup.ChangedInHost",
        "backup.CopyChangedInHost",
        "backup.Expired",
        "backup.Imported",
        "backup.Registered",
        "backup.Reinterpreted",
        "backup.ReturnedToHost",
        "backup.VanishedFromHost",
        "backup.Verified",
        "consolidation.ColumnsChosen",
        "consolidation.CopiesDeclared",
        "consolidation.CutOver",
        "consolidation.FingerprintAccepted",
        "consolidation.HostAdopted",
        "consolidation.Retired",
        "consolidation.RolledBack",
        "consolidation.SnapshotRestored",
        "consolidation.Verified",
        "consolidation.ZoneChosen",
        "restore.Amended",
        "restore.Cancelled",
        "restore.ChangedInHost",
        "restore.Completed",
        "restore.CopyChangedInHost",
        "restore.Failed",
        "restore.Imported",
        "restore.Progressed",
        "restore.Reinterpreted",
        "restore.Requested",
        "restore.ReturnedToHost",
        "restore.Started",
        "restore.Validated",
        "restore.VanishedFromHost",
    ]


def test_no_event_has_a_state_field_that_may_be_left_out():
    for event_class in CATALOGUE.by_topic.values():
        for field in msgspec.structs.fields(event_class)[5:]:
            assert field.required, f"{event_class.TOPIC}.{field.name} has a default"


class Moved(Event, frozen=True, kw_only=True):
    TOPIC = "test.Moved"
    SCHEMA_VERSION = 3
    to: str
    kilometres: int


CATALOGUE_OF_MOVES = Catalogue(
    [Moved],
    {
        ("test.Moved", 1): lambda state: {**state, "kilometres": 0},
        ("test.Moved", 2): lambda state: {"to": state["to"], "kilometres": state["kilometres"] + 1},
    },
)


@pytest.mark.parametrize(
    ("version", "state", "kilometres"),
    [
        (1, {"to": "Oslo"}, 1),
        (2, {"to": "Oslo", "kilometres": 5}, 6),
        (3, {"to": "Oslo", "kilometres": 7}, 7),
    ],
)
def test_an_older_version_passes_each_of_its_upcasters(version, state, kilometres):
    event = Codec(CATALOGUE_OF_MOVES).decode("test.Moved", version, json.dumps(state).encode())
    assert event == Moved(to="Oslo", kilometres=kilometres)


@pytest.mark.parametrize(("topic", "version"), [("test.Gone", 1), ("test.Moved", 4)])
def test_what_this_version_does_not_know_is_named(topic, version):
    with pytest.raises(UnknownTopic, match=rf"'{topic}' of schema version {version}"):
        Codec(CATALOGUE_OF_MOVES).decode(topic, version, b"{}")
