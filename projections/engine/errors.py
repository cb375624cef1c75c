"""Errors of the engine, among them those that stop a projection."""

from collections.abc import Sequence

from domain.messages import remedy
from projections.errors import ProjectionError


class UnknownLabel(ProjectionError):
    code = "unknown_projection"

    def __init__(self, label: str, known: list[str]) -> None:
        super().__init__(f"There is no projection {label!r}. Projections: {', '.join(known)}.")


class UnknownScope(ProjectionError):
    code = "unknown_scope"

    def __init__(self, scope: str, known: Sequence[str]) -> None:
        super().__init__(f"There is no scope {scope!r}. Scopes: {', '.join(known)}.")


class ProjectorFailed(ProjectionError):
    """A projector raised an error; its projection is stopped before this event."""

    code = "projector_failed"

    def __init__(self, label: str, topic: str, position: int, cause: Exception) -> None:
        self.position = position
        super().__init__(
            f"The projector of {label} cannot apply event {position} ({topic}): "
            f"{type(cause).__name__}: {cause}. {label} is stopped before it; no data is lost. "
            "Deploy a projector that can, then go on: ",
            remedy("project"),
        )


class CheckpointNotInLog(ProjectionError):
    """The log is not the one that this projection was built from."""

    code = "checkpoint_not_in_log"

    def __init__(self, label: str, position: int) -> None:
        self.position = position
        super().__init__(
            f"{label} was built from a log whose event at position {position} this log does not "
            "have: the log lost its end, or was changed. Check it (",
            remedy("verify_log"),
            "). If it has to go on as it is: ",
            remedy("accept_log", reason="TEXT"),
            ", then: ",
            remedy("rebuild", labels=label),
        )


class RebuildRequired(ProjectionError):
    code = "rebuild_required"

    def __init__(self, label: str, version: int, deployed: int) -> None:
        why = (
            f"{label} was built by version {version} of its projector and version {deployed} is "
            "deployed. A table must not have rows of both. To rebuild it: "
        )
        if version == 0:
            why = f"{label} is new and has not been built from the log yet. To build it: "
        super().__init__(
            why,
            remedy("rebuild", labels=label),
        )


class RebuildRunning(ProjectionError):
    code = "rebuild_running"

    def __init__(self) -> None:
        super().__init__(
            "Another rebuild is running on this database. Wait for it to end, then run this again."
        )


class SwitchBlocked(ProjectionError):
    code = "switch_blocked"

    def __init__(self, table: str, who: str = "") -> None:
        self.table = table
        super().__init__(
            f"The new generation is ready but {table} is in use, so it could not be put in place: "
            f"{who or 'the session has ended by now'}. Nothing was changed; end that session, or "
            "wait for it, and run this again."
        )


class NothingToReturnTo(ProjectionError):
    code = "no_previous_generation"

    def __init__(self, label: str) -> None:
        super().__init__(f"{label} has no previous generation to return to.")


class SearchBuilding(ProjectionError):
    """The table's search index is being made."""

    code = "search_building"

    def __init__(self) -> None:
        super().__init__(
            "The search index of this table is being made; search again in a while. Lists without "
            "a search are not affected."
        )
