"""Which rows are in the consolidated tables, by scope.

| origin             | scope native | scope all |
|--------------------|--------------|-----------|
| legacy row         | no           | yes       |
| consolidated row   | yes          | yes       |
| recorded here      | yes          | yes       |
"""

from domain.backups.events import HostBackupRow
from domain.events import Event
from domain.restores.events import HostRow

OF_THE_HOST = {
    "native": frozenset({"consolidated"}),
    "all": frozenset({"legacy", "consolidated"}),
}


def includes(scope: str, event: Event) -> bool:
    """Whether the row that begins with this event is in the table. Later events do not matter."""
    if isinstance(event, HostRow | HostBackupRow):
        return event.origin in OF_THE_HOST[scope]
    return True
