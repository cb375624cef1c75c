"""Errors that stop a step of the consolidation."""

from collections.abc import Sequence
from pathlib import Path

from domain.messages import Message, remedy
from infrastructure.hosts.columns import UnfittingColumn
from projections.errors import ProjectionError


class ImportedMeanwhile(ProjectionError):
    """Another import ran during the step; the step can be tried again."""

    code = "imported_meanwhile"

    def __init__(self) -> None:
        super().__init__(
            "Each time this was tried, another import added rows meanwhile. Nothing was "
            "changed. Stop the other imports for a moment, then run this again."
        )


class DatabaseLost(ProjectionError):
    """The service's database failed during a step.

    `recorded` is whether the log has the step, None if the log cannot be read.
    """

    code = "database_lost"

    def __init__(self, recorded: bool | None) -> None:
        outcome = {
            True: Message("The step was recorded before that, and is done."),
            False: Message(
                "The step was not recorded. Rows of the host may have been imported; nothing else "
                "was changed. Take the step again."
            ),
            None: Message(
                "Whether the step was recorded is not known. When the database answers again: ",
                remedy("consolidation"),
            ),
        }[recorded]
        super().__init__("The service's database failed while this was at work. ", outcome)


class SnapshotUnknown(ProjectionError):
    code = "snapshot_unknown"

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path} cannot be put back: {why}. Nothing was changed.")


class CannotSave(ProjectionError):
    code = "cannot_save"

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"The tables cannot be saved to {path}: {why}. Nothing was changed.")


class ColumnsNotSettled(ProjectionError):
    """Host columns have the name of a column here, but a type or meaning that does not fit it."""

    code = "columns_not_settled"

    def __init__(self, columns: Sequence[UnfittingColumn]) -> None:
        first = columns[0]
        super().__init__(
            f"{'; '.join(map(str, columns))}. Apart from the import, nothing was changed. Say what "
            "it means, and why: ",
            remedy("import", column=f"{first.label}.{first.target}=host_column", reason="TEXT"),
            " (the column itself, another one, or - for none)",
        )


def refuse_unfit_columns(columns: Sequence[UnfittingColumn]) -> None:
    """Raise `ColumnsNotSettled` if there are any."""
    if columns:
        raise ColumnsNotSettled(columns)
