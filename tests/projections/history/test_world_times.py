"""When what an event says happened."""

from domain.catalogue import CATALOGUE
from domain.events import ENVELOPE
from projections.history.world_times import FIELDS, happened_at
from tests.builders import NOON, completed, imported, minutes

NOT_WHEN_IT_HAPPENED = {
    "administration.TokenCreated": {"expires_at"},
    "administration.LoginFailed": {"first_at"},
    "administration.TrailRead": {"opened_at"},
}
"""Other times that events have."""


def test_every_event_that_has_a_time_of_the_world_says_it():
    for topic, event in CATALOGUE.by_topic.items():
        times = {name for name in event.__struct_fields__ if name.endswith("_at")} - ENVELOPE
        expected = times - NOT_WHEN_IT_HAPPENED.get(topic, set())
        assert {FIELDS[event]} == expected if event in FIELDS else expected == set(), topic


def test_what_was_read_from_a_host_happened_when_it_was_recorded():
    assert happened_at(completed()) == NOON + minutes(3)
    assert happened_at(imported()) is None
