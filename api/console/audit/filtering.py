"""The form of the audit log, and its filters in words."""

from itertools import groupby

from api.console.audit.telling import topic_in_words
from api.console.filtering import ANY, ListForm, choice, search_box, text
from api.v1.audit.filters import TOPICS, EventFilters
from api.v1.audit.of_restores import TrailFilters
from domain.administration import events as administration

OVERWRITES = "overwrites"
NOT_PROVED = TrailFilters.base_filters.keys() - EventFilters.base_filters.keys()
"""Filters that a file with proof cannot repeat: the log itself knows no names, and no column."""
LABELS = {
    "search": "restore or backup",
    "person": "by or for",
    "actor": "recorded by",
    "on_behalf_of": "for",
    "topic": "kind",
    "topic_in": "kinds",
    "stream": "one restore or backup",
    "correlation": "of the same work",
    "causation": "led to by",
    "last": "in the last",
}
"""Names of filters for people; the others are shown as they are, with blanks."""


def _kinds(*events: type[administration.AdministrationEvent]) -> dict[str, str]:
    return {"topic_in": ",".join(event.TOPIC for event in events)}


def _of(kind: str) -> dict[str, str]:
    return {"topic_in": ",".join(topic for topic in TOPICS if topic.startswith(f"{kind}."))}


READING = (administration.ExportTaken, administration.TrailRead)
RIGHTS = tuple(
    one for one in administration.EVENTS if one not in (*READING, administration.LoginFailed)
)
GROUPS = (
    ("Amendments", {"topic": "restore.Amended"}),
    ("Overwrites", {OVERWRITES: "true"}),
    ("Failures", {"topic_in": "restore.Failed,restore.Cancelled"}),
    ("Checks", {"topic_in": "backup.Verified,restore.Validated"}),
    ("Vanished from the host", {"topic_in": "backup.VanishedFromHost,restore.VanishedFromHost"}),
    ("Consolidation", _of("consolidation")),
    ("Administration", _kinds(*RIGHTS)),
    ("Exports and reading", _kinds(*READING)),
    ("Failed logins", _kinds(administration.LoginFailed)),
)
"""Kinds of events in words, each one click away. One takes the place of another."""
TIMES = (("Last 24 hours", {"last": "24h"}), ("Last 7 days", {"last": "7 days"}))
CHOOSES_KIND = ("topic", "topic_in", OVERWRITES)
"""The filters of which a group is one."""
TOPIC_CHOICES = (
    ANY,
    *(
        (kind.capitalize(), [(one, topic_in_words(one).partition(": ")[2]) for one in topics])
        for kind, topics in groupby(TOPICS, lambda topic: topic.partition(".")[0])
    ),
)
KNOWN = TrailFilters.base_filters.keys()
"""The parameters of the list."""


class EventFilterForm(ListForm):
    """The filters that people ask for most."""

    search = search_box("Words in a restore’s texts, or the id of a restore or backup")
    person = text("By or for a person")
    topic = choice("Kind", TOPIC_CHOICES)
    since = text("From", "yesterday 18:00, 24h, 2026-01-31")
    until = text("Until", "a day counts to its end")
    stream = text("Events of", "the UUID of a restore or backup")
    correlation = text("Of the same work", "a UUID that related events share")
    ordering = choice("Order", (("", "newest first"), ("position", "oldest first")))

    route = "audit"
    main = ("search", "person", "topic", "since", "until")


def event_filter_said(name: str, value: str) -> str:
    """The value of a filter."""
    if name == "topic":
        return topic_in_words(value)
    if name == "topic_in":
        group = next((label for label, one in GROUPS if one == {name: value}), None)
        return group or ", ".join(topic_in_words(one) for one in value.split(","))
    return {"true": "yes"}.get(value, value) if name == OVERWRITES else value
