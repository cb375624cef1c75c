"""The parameters of statistics: an interval, what to count by, and filters."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from api.problems import BadParameter
from api.v1.filters.fields import TextField, TruthField, WholeNumberField
from api.v1.filters.kinds import TEXT
from api.v1.restores.views import AS_OF_PATTERN
from projections.statistics.asking import interval_asked_for, zone_asked_for
from projections.statistics.question import BY, DIMENSIONS, GROUPS, MOST_GROUPS, Question, Then

SPOKEN = {"type": "string", "minLength": 1, "maxLength": 100, "pattern": r"[0-9A-Za-z]"}
PARAMETERS = [
    OpenApiParameter(
        "since",
        SPOKEN,
        description="From this time on: in ISO 8601, or as `yesterday`, `24h` or `2 days ago`.",
    ),
    OpenApiParameter(
        "until", SPOKEN, description="Until this time, which is included; a day wholly so."
    ),
    OpenApiParameter(
        "last", SPOKEN, description="The last `24h`, `30 days` or `2 weeks`, up to now."
    ),
    OpenApiParameter(
        "tz",
        {"type": "string", "minLength": 1, "maxLength": 100, "pattern": r"^[-+A-Za-z0-9_/:]+$"},
        description="The time zone of days and of times without an offset, as `Europe/Berlin` or "
        "`+05:30`. By default UTC.",
    ),
    OpenApiParameter(
        "by", {"type": "string", "enum": list(BY)}, description="Also by this, in groups."
    ),
    OpenApiParameter("target_database", TEXT, description="Only restores into this database."),
    OpenApiParameter("restore_type", TEXT, description="Only restores of this type."),
    OpenApiParameter("trigger_type", TEXT, description="Only those triggered like this."),
    OpenApiParameter(
        "requested_by",
        TEXT,
        description="Only those that this person asked for: the user's name, or the host's key of "
        "a user whose name is not known.",
    ),
    OpenApiParameter(
        "backups",
        {"type": "boolean", "default": False},
        description="Also the backups that were made in the interval: how many were never "
        "restored, and never validated. Not with `trigger_type` or `requested_by`.",
    ),
    OpenApiParameter(
        "as_of",
        {"type": "string", "pattern": AS_OF_PATTERN},
        description="What was known at a position of the log, or at a time by the log's own "
        "clock, as for lists. Relative times and `last` then end there, too.",
    ),
    OpenApiParameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MOST_GROUPS, "default": GROUPS},
        description="The most groups to tell, those with the most restores. Days are all told.",
    ),
]
NAMES = frozenset(one.name for one in PARAMETERS)


def question_of(request: Request, as_of: Then | None, now: datetime) -> Question:
    """The question that a request asks. Raises `BadParameter`, `IntervalNotUnderstood`."""
    given = request.query_params
    by = given.get("by")
    if by is not None and by not in BY:
        raise BadParameter("by_invalid", f"There is no {by!r}. Known: {', '.join(BY)}.", "by")
    zone = zone_asked_for(given.get("tz"))
    text = TextField(required=False)
    return Question(
        interval=interval_asked_for(given, now, zone),
        by=by,
        only={name: _read(name, text, given) for name in DIMENSIONS if name in given},
        zone=zone,
        groups=_limit(given),
        backups="backups" in given and _read("backups", TruthField(required=False), given),
        as_of=as_of,
    )


def _limit(given: Any) -> int:
    if "limit" not in given:
        return GROUPS
    limit: int = _read("limit", WholeNumberField(), given)
    if not 1 <= limit <= MOST_GROUPS:
        raise BadParameter("limit_invalid", f"Give 1 to {MOST_GROUPS:,}.", "limit")
    return limit


def _read(name: str, field: Any, given: Any) -> Any:
    try:
        return field.clean(given[name])
    except ValidationError as error:
        raise BadParameter("invalid_value", error.messages[0], name) from error
