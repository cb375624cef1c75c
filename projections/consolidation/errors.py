"""Errors that stop a step of the consolidation."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from domain.messages import NOTHING, Message, remedy
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


class NotAllMoved(ProjectionError):
    """A migration of the host has begun to move its legacy rows, and has not moved all of them."""

    code = "not_all_moved"

    def __init__(self, label: str, rows: int, why: str, first: Sequence[int]) -> None:
        """`why` is a key of `NOT_MOVED`."""
        more = ", …" if rows > len(first) else ""
        super().__init__(
            f"{rows:,} legacy rows {NOT_MOVED[why]} {label}: legacy id "
            f"{', '.join(map(str, first))}{more}. Apart from the import, nothing was changed. ",
            COPY_LOST if why == "missing" else NOTHING,
            "Let a further migration of the host move them, then retire: ",
            remedy("host_migration", out="DIR", top_up=True),
        )


NOT_MOVED = {
    "not_moved": "are not yet in the host's own",
    "missing": "have lost their copy in the host's own",
    "waiting": "have changed since they were copied to the host's own",
}
COPY_LOST = Message(
    "A restore that is to go has to go from both tables. To keep one, take its entry out of "
    "restorelog_moved_row. "
)


def refuse_unmoved_rows(moved: Mapping[str, Mapping[str, Any]] | None) -> None:
    """Raise `NotAllMoved` if the import's report says so of a table that the host moves."""
    for label, told in (moved or {}).items():
        for name in NOT_MOVED:
            # Only a host that keeps a record of its moves is asked to complete them.
            if "waiting" in told and told.get(name):
                raise NotAllMoved(label, told[name], name, told[f"first_{name}"])


def refuse_unfit_columns(columns: Sequence[UnfittingColumn]) -> None:
    """Raise `ColumnsNotSettled` if there are any."""
    if columns:
        raise ColumnsNotSettled(columns)
