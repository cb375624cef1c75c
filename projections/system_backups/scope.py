"""Which rows stand in the consolidated tables.

| origin             | scope native | scope all |
|--------------------|--------------|-----------|
| legacy row         | no           | yes       |
| consolidated row   | yes          | yes       |
| recorded here      | yes          | yes       |
"""

from domain.backups.events import HostBackupRow
from domain.events import Event
from domain.restores.events import HostRow

ORIGINS = {
    "native": frozenset({"consolidated", "recorded"}),
    "all": frozenset({"legacy", "consolidated", "recorded"}),
}


def stands(scope: str, event: Event) -> bool:
    """Whether the row that this event brings in stands here. Later events find it, or do not."""
    if isinstance(event, HostRow | HostBackupRow):
        return event.origin in ORIGINS[scope]
    return True
