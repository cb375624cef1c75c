"""The list of restores as of a position of the log, or as of a time by the log's clock."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, NamedTuple

from django.db.models import Model, QuerySet
from django.db.models.expressions import OrderBy
from rest_framework.request import Request
from rest_framework.response import Response

from api.problems import Problem
from api.remedies import over_rest
from api.v1.keyset import CursorUnreadable, Keyset, ordering_in
from api.v1.orderings import field_of
from api.v1.pagination import KeysetPagination
from api.v1.restores.history import as_of_position
from api.v1.restores.position_facts import PositionFacts, position_facts
from api.v1.restores.present import ANY, FALSE
from domain.consolidation.values import Scope
from domain.messages import Message, remedy
from infrastructure.event_store.log import Log, as_datetime
from infrastructure.event_store.models import Event
from infrastructure.event_store.moments import NOW, is_time
from projections.engine.registry import PROJECTIONS
from projections.history.as_of import time_meant
from projections.row_versions.as_of import first_keys, valid_at
from projections.row_versions.freshness import live_rows, refuse_if_not_at
from projections.row_versions.models import RestoreVersion
from projections.system_backups.models import RestoreLog

AT = re.compile(r"@([0-9]{1,19})$", re.ASCII)
"""How the ordering that a cursor names ends: with the position of its list."""


class ListMoment(NamedTuple):
    """A position, and what was in force there."""

    position: int
    scope: str
    shown: dict[str, Any] | None
    """What the answer says of it; None if it is the present, and moves on."""
    absent: bool = False
    """Whether the list also has rows that were not in the table."""
    time: datetime | None = None
    """The time that is meant, by the log's clock; None if it is the present."""
    only_absent: bool = False
    """Whether it has no others."""


@dataclass(frozen=True)
class MomentKeyset(Keyset):
    """An ordering of the rows as of a position. Its cursors keep it, unless it is the present."""

    position: int = 0
    present: bool = False
    in_table: Keyset | None = None
    """The same ordering of the rows in the table, if the list has others too: these lack values."""
    only_absent: bool = False

    @classmethod
    def at(cls, keyset: Keyset, moment: ListMoment) -> "MomentKeyset":
        """This ordering of the rows at a moment."""
        present = moment.shown is None
        if not moment.absent:
            return cls(keyset.columns, moment.position, present)
        columns = tuple(
            # Every row that is listed has an id.
            column
            if column.field.attname == "id"
            else replace(column, field=field_of(RestoreVersion, column.field.attname, null=True))
            for column in keyset.columns
        )
        return cls(columns, moment.position, present, keyset, moment.only_absent)

    @property
    def name(self) -> str:
        return super().name if self.present else f"{super().name}@{self.position}"

    def first_keys(self, queryset: QuerySet[Any], order: list[OrderBy], count: int) -> Any:
        names = [column.field.attname for column in self.columns]
        given = dict(zip(names, order, strict=True))
        if self.in_table is None:
            return first_keys(queryset, self.position, given, count)
        backwards = order[-1].descending != self.columns[-1].descending
        plain = [column.order_by(backwards) for column in self.in_table.columns]
        in_table = dict(zip(names, plain, strict=True))
        return first_keys(
            queryset, self.position, in_table, count, absent=given, only_absent=self.only_absent
        )


class MomentPagination(KeysetPagination):
    """Pages of the list of restores, also as of a position."""

    def paginate_queryset(
        self, queryset: QuerySet[Any], request: Request, view: Any = None
    ) -> list[Any]:
        self.moment: ListMoment | None = view.moment
        if self.moment is not None and self.moment.shown is not None:
            self.fixed = {**self.fixed, "as_of": str(self.moment.position)}
        return super().paginate_queryset(queryset, request, view)

    def listed(self, queryset: QuerySet[Any]) -> type[Model]:
        return RestoreLog

    def ordered_by(self, model: type[Model], names: list[str]) -> Keyset:
        keyset = super().ordered_by(model, names)
        return keyset if self.moment is None else MomentKeyset.at(keyset, self.moment)

    def get_paginated_response(self, data: list[Any]) -> Response:
        response = super().get_paginated_response(data)
        if self.moment is not None and self.moment.shown is not None:
            response.data["as_of"] = self.moment.shown
        return response

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        page = super().get_paginated_response_schema(schema)
        page["properties"]["as_of"] = SHOWN
        return page


SHOWN = {
    "type": "object",
    "description": "Only with `as_of`: the position, and what was in force there.",
    "required": ["position", "recorded_at", "scope", "mapping_version", "columns_chosen_at"],
    "properties": {
        "position": {"type": "integer"},
        "recorded_at": {
            "type": ["string", "null"],
            "format": "date-time",
            "description": "When the log learned of the event there; null at position 0.",
        },
        "scope": {
            "type": "string",
            "enum": list(Scope),
            "description": "Whether the table held the legacy rows too (`all`).",
        },
        "mapping_version": {
            "type": "integer",
            "description": "The version of the mapping that the rows are shown with.",
        },
        "columns_chosen_at": {
            "type": ["integer", "null"],
            "description": "Where the choice of host columns in force was recorded.",
        },
    },
}


def moment_of(given: Mapping[str, str]) -> ListMoment | None:
    """The moment of a list with these parameters; None if it is of the present, and of the rows in
    the table.

    Raises a `Problem`: 400 for what is not a moment; 404 before the first restore was recorded;
    409 for a cursor of another position, and where the table of versions has not got there.
    """
    asked, present = (given.get(name) for name in ("as_of", "present"))
    absent = present in (ANY, FALSE)
    if asked is None:
        return moment_now(absent=absent, only_absent=present == FALSE) if absent else None
    position = _position(asked, given.get("cursor"), Log())
    facts = position_facts(position)
    _refuse_unreached(position, facts)
    first = facts.first
    if first is not None and position < first:
        recorded_at = _recorded_at(first)
        raise Problem(
            HTTPStatus.NOT_FOUND,
            "not_yet_recorded",
            f"The log had no restores yet at position {position}. The first is at position "
            f"{first}, recorded at {recorded_at:%Y-%m-%dT%H:%M:%SZ}. To select by when "
            "something happened, use a filter (created_at, started_at, …).",
            position=first,
            recorded_at=recorded_at,
        )
    now = datetime.now(UTC)
    if asked == NOW or is_time(asked):
        time = time_meant(asked, position, now)
    else:
        time = facts.recorded_at or now
    shown = _shown(position, facts)
    only_absent = present == FALSE
    return ListMoment(position, facts.scope, shown, absent, time, only_absent=only_absent)


def moment_now(*, absent: bool, only_absent: bool) -> ListMoment:
    """The present, as far as the versions of rows reach. Raises `VersionsBehind`."""
    rows = live_rows()
    position = refuse_if_not_at(rows.position)
    return ListMoment(position, rows.scope, None, absent, only_absent=only_absent)


def rows_at(versions: QuerySet[Any], moment: ListMoment) -> QuerySet[Any]:
    """Those of these versions that were the table's rows at this moment.

    Also those of rows that were not in the table, if the moment's list has them and they have an
    id, without which a list has no place for them.
    """
    valid = valid_at(versions, moment.position, moment.scope)
    return valid.filter(id__isnull=False) if moment.absent else valid.filter(present=True)


def holds_none(moment: ListMoment | None, given: Mapping[str, Any]) -> bool:
    """Whether the table held no row with these filters at this moment, whatever was recorded.

    No index says it: every version would be read.
    """
    if moment is None or moment.scope == Scope.ALL:
        return False
    origins = [given["origin"]] if given.get("origin") else given.get("origin_in")
    return set(origins or ()) == {"legacy"}


def absent_at(versions: QuerySet[Any], moment: ListMoment) -> QuerySet[Any]:
    """Those of these versions of rows that a list of this moment leaves out."""
    absent = valid_at(versions, moment.position, moment.scope).filter(present=False)
    return absent.filter(id__isnull=True) if moment.absent else absent


def _shown(position: int, facts: PositionFacts) -> dict[str, Any]:
    return {
        "position": position,
        "recorded_at": facts.recorded_at,
        "scope": facts.scope,
        "mapping_version": PROJECTIONS[RestoreVersion._meta.label].source.version,
        "columns_chosen_at": facts.columns_chosen_at,
    }


def _position(asked: str, cursor: str | None, log: Log) -> int:
    """The position that is asked for: a cursor's, if there is one."""
    kept = None if cursor is None else _kept(cursor)
    if kept is None or is_time(asked):
        # A time may mean a later position by now, and `now` does.
        return as_of_position(asked, log) if kept is None else kept
    position = as_of_position(asked, log)
    if position == kept or asked == NOW:
        return kept
    raise Problem(
        HTTPStatus.CONFLICT,
        "cursor_of_another_position",
        f"The cursor belongs to the list as of position {kept}, and as_of asks for {position}. "
        "Use `next` or `previous` unchanged, or begin without a cursor.",
        position=kept,
    )


def _kept(cursor: str) -> int | None:
    """The position that a cursor keeps; None if it does not keep one."""
    try:
        kept = AT.search(ordering_in(cursor))
    except CursorUnreadable:
        return None
    return int(kept[1]) if kept else None


def _refuse_unreached(position: int, facts: PositionFacts) -> None:
    reached, label = facts.reached, RestoreVersion._meta.label
    if facts.projector_version == PROJECTIONS[label].version and reached >= position:
        return
    told = Message(
        f"The versions of rows reach position {reached} so far, and position {position} is "
        "asked for. They may have to be built: ",
        remedy("rebuild", labels=label),
    )
    raise Problem(HTTPStatus.CONFLICT, "as_of_not_reached", told.said(over_rest), position=reached)


def _recorded_at(position: int) -> datetime | None:
    """When the log learned of this event."""
    found = Event.objects.filter(pk=position).values_list("recorded_at", flat=True).first()
    return None if found is None else as_datetime(found)
