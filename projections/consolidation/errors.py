"""What keeps a step of the consolidation from being taken."""

from collections.abc import Sequence
from pathlib import Path

from domain.messages import Message, remedy
from infrastructure.hosts.columns import UnfittingColumn
from projections.errors import ProjectionError


class ImportedMeanwhile(ProjectionError):
    """Another import got in between; the step can be tried again."""

    code = "imported_meanwhile"

    def __init__(self) -> None:
        super().__init__(
            "Rows of the host were imported while this was at work, again and again. Nothing was "
            "changed. Stop the other imports for a moment, then run this again."
        )


class DatabaseLost(ProjectionError):
    """The service's database failed while a step was at work. `recorded`: what the log says."""

    code = "database_lost"

    def __init__(self, recorded: bool | None) -> None:
        outcome = {
            True: Message("The step was recorded before that, and is done."),
            False: Message(
                "The step was not recorded, and nothing was changed, but that rows of the host "
                "may have been imported. Do it again."
            ),
            None: Message(
                "Whether the step was recorded cannot be asked. When the database answers again: ",
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
    """Host columns have the name of a target and a type or meaning that does not fit it."""

    code = "columns_not_settled"

    def __init__(self, columns: Sequence[UnfittingColumn]) -> None:
        first = columns[0]
        super().__init__(
            f"{'; '.join(map(str, columns))}. Nothing was changed but what was imported. Say what "
            "it means, and why: ",
            remedy("import", column=f"{first.label}.{first.target}=host_column", reason="TEXT"),
            " (the column itself, another one, or - for none)",
        )


def refuse_unfit_columns(columns: Sequence[UnfittingColumn]) -> None:
    """Raise `ColumnsNotSettled` if there are any."""
    if columns:
        raise ColumnsNotSettled(columns)
