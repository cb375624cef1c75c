"""The columns of a restore's row that a person may correct, and the form for one of them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from api.console.restores.action_fields import as_typed
from api.console.restores.action_forms import AmendForm
from api.console.restores.reading import Line, OneRestore
from api.v1.restores.bodies import Changes
from domain.restores.values import Status

TIME = "In UTC, such as 2026-01-31 22:00:05. Empty: no such time is known"
HINTS = {
    "source_backup": "The backup’s UUID, or an id that only one backup has. Empty: none is known",
    "status": f"One of {', '.join(Status)}; a word of the host’s own is taken, too",
    "trigger_type": "manual, automatic or recovery; a word of the host’s own is taken, too",
    "started_at": TIME,
    "completed_at": TIME,
    "duration_seconds": "Whole seconds. Empty: not known",
}
WHOLE = "It replaces the whole message, of which only the beginning is shown above"


class AmendableColumn(NamedTuple):
    """A column that can be corrected. `member` is its name over REST, `label` the one for people.

    `line` has its present values in both tables; None if neither table has the row or the column.
    """

    member: str
    label: str
    line: Line | None


def amendable_columns(one: OneRestore) -> list[AmendableColumn]:
    """The columns, in the order of REST."""
    lines = {line.column: line for line in one.lines}
    return [
        AmendableColumn(
            member, member.replace("_", " "), lines.get(_column(member).replace("_", " "))
        )
        for member in Changes().fields
    ]


def amend_form(data: Mapping[str, Any] | None, one: OneRestore, member: str) -> AmendForm:
    """The form for the new value, filled with the present one of the row that the page shows."""
    present = getattr(one.row, _column(member), None)
    if member == "message" and getattr(one.row, "message_size", 0) > len(present or ""):
        return AmendForm(data, member, None, WHOLE)
    return AmendForm(data, member, as_typed(present), HINTS.get(member, ""))


def _column(member: str) -> str:
    return "source_backup_id" if member == "source_backup" else member
