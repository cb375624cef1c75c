"""Errors of requests about the past or about one restore."""

from typing import ClassVar
from uuid import UUID

from projections.errors import ProjectionError


class NotRecordedYet(ProjectionError):
    code = "not_recorded_yet"

    def __init__(self, asked: str, first: str) -> None:
        super().__init__(
            f"The log had no events yet at {asked}. It begins at {first}. "
            "To select by when something happened, use a filter (created_at, started_at, …)."
        )


class UnknownMoment(ProjectionError):
    code = "unknown_moment"

    def __init__(self, text: str, head: int | None = None) -> None:
        position = "" if head is None else f"neither a position from 0 to {head} nor "
        super().__init__(
            f"{text!r} is {position or 'not '}a time such as 2026-01-31T12:00:00+00:00."
        )


class AmbiguousId(ProjectionError):
    """Two things have this id, and exactly one is needed. Each subclass is for one kind."""

    kind: ClassVar[str]

    def __init__(self, text: str, meant: list[tuple[str, UUID]]) -> None:
        told = " and ".join(f"{one} in {label}" for label, one in meant)
        super().__init__(
            f"{text} is the id of {len(meant)} {self.kind}: {told}. Name the one that is meant by "
            "its UUID. Nothing was changed."
        )


class AmbiguousRestore(AmbiguousId):
    code = "restore_id_ambiguous"
    kind = "restores"


class AmbiguousBackup(AmbiguousId):
    code = "backup_id_ambiguous"
    kind = "backups"
