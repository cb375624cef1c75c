"""Errors of the projections."""

from domain.errors import RestoreLogError


class ProjectionError(RestoreLogError):
    """An error about a projection, a generation or a checkpoint."""

    code = "projection"


class ReadOnlyProjection(ProjectionError):
    """Only the engine writes a projection, by folding the log."""

    code = "read_only_projection"

    def __init__(self, table: str, operation: str) -> None:
        super().__init__(
            f"{table} is a projection of the log and cannot be written ({operation}). "
            "Record an event instead; the projection follows."
        )
