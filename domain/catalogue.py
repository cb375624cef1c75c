"""The catalogue of events by topic, and the upcasters from older schema versions."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from domain.administration.events import EVENTS as ADMINISTRATION_EVENTS
from domain.backups.events import EVENTS as BACKUP_EVENTS
from domain.consolidation.events import EVENTS as CONSOLIDATION_EVENTS
from domain.errors import RestoreLogError
from domain.events import Event
from domain.restores.events import EVENTS as RESTORE_EVENTS

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
"""Takes the state of version n, as decoded JSON, and returns that of version n + 1."""


class UnknownTopic(RestoreLogError):
    code = "unknown_topic"

    def __init__(self, topic: str, schema_version: int) -> None:
        super().__init__(
            f"The log holds an event {topic!r} of schema version {schema_version}, which this "
            "version of the service does not know. Run the version that wrote it, or a newer one."
        )


class Catalogue:
    """Maps topics to event classes, and states of older schema versions to the current one."""

    def __init__(
        self,
        events: Iterable[type[Event]],
        upcasters: dict[tuple[str, int], Upcaster] | None = None,
    ) -> None:
        self.by_topic = {event.TOPIC: event for event in events}
        self.upcasters = upcasters or {}

    def event_class(self, topic: str, schema_version: int) -> type[Event]:
        """The class for this topic; `UnknownTopic` if it is not known in this version."""
        event_class = self.by_topic.get(topic)
        if event_class is None or schema_version not in range(1, event_class.SCHEMA_VERSION + 1):
            raise UnknownTopic(topic, schema_version)
        return event_class

    def upcast(self, topic: str, schema_version: int, state: dict[str, Any]) -> dict[str, Any]:
        """The state as the current schema version would have written it."""
        for version in range(schema_version, self.by_topic[topic].SCHEMA_VERSION):
            upcaster = self.upcasters.get((topic, version))
            if upcaster is None:
                raise UnknownTopic(topic, version)
            state = upcaster(state)
        return state


FORMERLY_ASSUMED = ("restore_type", "is_overwrite")
"""The columns that version 1 assumed for every legacy row, even if the row had them."""


def host_row_v1_to_v2(state: dict[str, Any]) -> dict[str, Any]:
    """Version 1 had no `sources`, and an assumed value could override the row's own."""
    columns = state["columns"]
    assumed = {
        name: value
        for name, value in state["assumed"].items()
        if name not in FORMERLY_ASSUMED or name not in columns
    }
    return {**state, "assumed": assumed, "sources": {}}


NOTHING_SAID: Mapping[str, dict[str, Any]] = {
    "restore.Requested": {"attributes": {}, "recorded_afterwards": False},
    "restore.Started": {"command": "", "host": "", "heartbeat_seconds": None},
    "restore.Completed": {"warnings": [], "warnings_count": None, "exit_code": None, "output": ""},
    "restore.Failed": {
        "cause": "error",
        "exit_code": None,
        "signal": None,
        "errors": [],
        "warnings": [],
        "warnings_count": None,
        "output": "",
    },
    "restore.Cancelled": {"signal": None, "output": ""},
    "backup.Registered": {"checksum": "", "format": "", "contents": {}},
}
"""What version 1 of these topics did not say, and version 2 says."""


def saying_nothing(more: Mapping[str, Any]) -> Upcaster:
    """An upcaster that adds fields which say that nothing is known."""
    return lambda state: {**state, **more}


HOST_ROWS = ("Imported", "ChangedInHost", "ReturnedToHost")
UPCASTERS: dict[tuple[str, int], Upcaster] = {
    (f"{kind}.{what}", 1): host_row_v1_to_v2 for kind in ("restore", "backup") for what in HOST_ROWS
} | {(topic, 1): saying_nothing(more) for topic, more in NOTHING_SAID.items()}

CATALOGUE = Catalogue(
    (*RESTORE_EVENTS, *BACKUP_EVENTS, *CONSOLIDATION_EVENTS, *ADMINISTRATION_EVENTS), UPCASTERS
)
