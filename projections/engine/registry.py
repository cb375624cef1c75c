"""The projections there are."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, cast

from django.db import models

from domain.backups.events import BackupEvent
from domain.events import Event
from domain.restores.events import RestoreEvent
from projections.database_management import backup_projector as legacy_backup_projector
from projections.database_management import models as legacy_models
from projections.database_management import projector as legacy_projector
from projections.database_management import rows as legacy_rows
from projections.database_management.mapping import MAPPING_VERSION as LEGACY_VERSION
from projections.database_management.scope import includes as stands_in_legacy
from projections.engine.errors import UnknownLabel
from projections.mapping.backup_row import BackupRow
from projections.mapping.constraints import AllFit, Fits, all_fit, checker
from projections.system_backups import backup_projector, projector, rows
from projections.system_backups import models as consolidated_models
from projections.system_backups.mapping import MAPPING_VERSION
from projections.system_backups.scope import includes

Row = Any
"""One of the `rows` modules' structs."""


@dataclass(frozen=True)
class Projection:
    """A table, and how events make it: all that the engine needs to know.

    `event_type` is the base of the events it takes; `key` the unique column that names the
    stream; `version` the projector's, which a generation remembers.
    """

    label: str
    model: type[models.Model]
    row_type: type[Row]
    event_type: type[Event]
    key: str
    version: int
    project: Callable[[Row | None, Event], Row | None]
    includes: Callable[[str, Event], bool]
    fits: Fits
    all_fit: AllFit

    @property
    def table(self) -> str:
        """The table's name, as `migrate` made it."""
        return self.model._meta.db_table

    @property
    def consolidated(self) -> bool:
        """Whether a cut-over has it hold the legacy rows too."""
        return self.model._meta.app_label == "system_backups"

    @property
    def columns(self) -> list[str]:
        """The table's columns, in order; the row structs begin with the same fields."""
        return [str(field.column) for field in self.model._meta.concrete_fields]


def _projection(
    model: type[models.Model],
    row_type: type[Row],
    version: int,
    project: Any,
    stands: Callable[[str, Event], bool],
) -> Projection:
    restores = model.__name__ == "RestoreLog"
    return Projection(
        label=model._meta.label,
        model=model,
        row_type=row_type,
        event_type=RestoreEvent if restores else BackupEvent,
        key="restore_id" if restores else "backup_id",
        version=version,
        project=cast(Callable[[Row | None, Event], Row | None], project),
        includes=stands,
        fits=checker(model),
        all_fit=all_fit(model),
    )


PROJECTIONS: dict[str, Projection] = {
    projection.label: projection
    for projection in (
        _projection(
            legacy_models.RestoreLog,
            legacy_rows.RestoreRow,
            LEGACY_VERSION,
            legacy_projector.project,
            stands_in_legacy,
        ),
        _projection(
            legacy_models.BackupLog,
            BackupRow,
            LEGACY_VERSION,
            legacy_backup_projector.project,
            stands_in_legacy,
        ),
        _projection(
            consolidated_models.RestoreLog,
            rows.RestoreRow,
            MAPPING_VERSION,
            projector.project,
            includes,
        ),
        _projection(
            consolidated_models.BackupLog,
            BackupRow,
            MAPPING_VERSION,
            backup_projector.project,
            includes,
        ),
    )
}


def projections_named(labels: Iterable[str] | None) -> list[Projection]:
    """The projections with these labels, all if there are none; `UnknownLabel` otherwise."""
    wanted = list(labels or PROJECTIONS)
    for label in wanted:
        if label not in PROJECTIONS:
            raise UnknownLabel(label, list(PROJECTIONS))
    return [projection for label, projection in PROJECTIONS.items() if label in wanted]
