"""What the events of one backup say that is not in its row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from domain.backups.events import BackupExpired, BackupRegistered, BackupVerified
from domain.events import Event


@dataclass(frozen=True)
class BackupEventFacts:
    """The latest event of each kind; None if there was none."""

    first: Event
    registered: BackupRegistered | None
    """None of a backup that the host keeps."""
    verified: BackupVerified | None
    expired: BackupExpired | None

    @classmethod
    def of(cls, events: Sequence[Event]) -> Self:
        """The facts of all events of one backup, oldest first."""
        registered = verified = expired = None
        for event in events:
            match event:
                case BackupRegistered():
                    registered = event
                case BackupVerified():
                    verified = event
                case BackupExpired():
                    expired = event
        return cls(events[0], registered, verified, expired)
