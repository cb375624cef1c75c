"""Finds the restore of a path: by the row's integer id, or by the restore's UUID."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from api.problems import Problem
from api.v1.filters.fields import UUIDTextField, WholeNumberField
from projections.engine.models import WithheldRow
from projections.history.lookup import (
    RestoreTable,
    copied_restore,
    restore_in,
    withheld_row,
)
from projections.system_backups.models import RestoreLog


def parse(text: str) -> int | UUID:
    """The id in the path; 404 if it cannot be a restore's id."""
    for field in (WholeNumberField(), UUIDTextField()):
        try:
            parsed: int | UUID = field.parse(text)
        except ValidationError:
            continue
        return parsed
    raise restore_not_found(text)


def row(queryset: QuerySet[Any], text: str) -> Any:
    """The restore's row in this table; 404, with the reason if it is withheld."""
    key = parse(text)
    which = {"restore_id": key} if isinstance(key, UUID) else {"pk": key}
    found = queryset.filter(**which).first()
    if found is None and queryset.model is RestoreLog and isinstance(key, int):
        copied = copied_restore(key)
        found = None if copied is None else queryset.filter(restore_id=copied).first()
    if found is not None:
        return found
    kept = withheld_row(queryset.model, key)
    if kept is None:
        raise restore_not_found(text)
    raise withheld(text, kept.stream_id, kept.cause, kept.position, kept.column, kept.reason)


def stream(table: RestoreTable, text: str) -> UUID:
    """The restore's stream, also of a withheld row; a UUID is returned unchanged."""
    key = parse(text)
    found = key if isinstance(key, UUID) else restore_in(table, key)
    if found is None and table is RestoreLog and isinstance(key, int):
        found = copied_restore(key)
    if found is None:
        raise restore_not_found(text)
    return found


def withheld(
    text: str, restore_id: UUID, cause: str, position: int, column: str = "", reason: str = ""
) -> Problem:
    """404, with the reason, for a restore that is in the log and not in the table."""
    if cause == WithheldRow.Cause.VANISHED:
        detail = f"Restore {text} is no longer in the host; its events are still in the log."
    else:
        detail = (
            f"Restore {text} is in the log, but not in the table, whose column {column} cannot "
            f"hold it: {reason}."
        )
    return Problem(404, f"restore_{cause}", detail, restore_id=str(restore_id), position=position)


def restore_not_found(text: str) -> Problem:
    return Problem(404, "restore_not_found", f"There is no restore {text[:40]!r} in this table.")
