"""The filters `since`, `until`, `last` and `tz`, which together choose an interval of time."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.db.models.expressions import Combinable
from drf_spectacular.utils import extend_schema_field

from api.v1.filters.fields import TextField
from infrastructure.time_zones import name_of_zone
from projections.statistics.asking import LEAST, interval_asked_for, zone_asked_for
from projections.statistics.intervals import Interval

NAMES = ("since", "until", "last")
"""The parameters that choose an interval; `tz` only says how they are read."""
LONGEST = 100
SPOKEN = {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": r"[0-9A-Za-z]"}
ZONE = {**SPOKEN, "pattern": r"^[-+A-Za-z0-9_/:]+$"}


class SpokenField(TextField):
    """A time, a length of time or a zone, as people write them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": LONGEST, **kwargs})


class PartOfInterval(django_filters.Filter):
    """One of the four. `IntervalFilters` filters by all of them at once."""

    field_class = SpokenField

    def filter(self, qs: Any, value: Any) -> Any:
        return qs


@extend_schema_field(SPOKEN)
class SpokenTime(PartOfInterval):
    """`yesterday`, `24h`, an ISO 8601 time."""


@extend_schema_field(ZONE)
class Zone(PartOfInterval):
    """`Europe/Berlin`, `+05:30`."""


@dataclass(frozen=True)
class AskedInterval:
    """The interval that a request asked for, in absolute times."""

    interval: Interval
    zone: tzinfo

    @property
    def shown(self) -> dict[str, Any]:
        """What the answer says of it, as statistics do."""
        return {
            "since": _written(self.interval.since),
            "before": _written(self.interval.before),
            "tz": name_of_zone(self.zone),
        }

    @property
    def fixed(self) -> dict[str, str | None]:
        """The parameters that ask for the same interval at any time; None: no such parameter."""
        since, before = self.interval
        return {
            "since": _written(since),
            "until": None if before is None else _written(before - LEAST),
            "last": None,
        }


def asked_interval(given: Mapping[str, str | None], now: datetime) -> AskedInterval | None:
    """The interval of these parameters, at this time; None if they have none.

    Raises `IntervalNotUnderstood`.
    """
    zone = zone_asked_for(given.get("tz"))
    if all(given.get(name) is None for name in NAMES):
        return None
    return AskedInterval(interval_asked_for(given, now, zone), zone)


class IntervalFilters(django_filters.FilterSet):
    """Filters of a list whose rows are each at one moment, by which an interval chooses them."""

    moment: ClassVar[Combinable]
    """The moment of a row, which an index of the table has."""

    now: datetime | None = None
    """From when on relative times count back, if not from the present."""

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        # Only those that are asked for: to make all takes longer than to read a page.
        self.base_filters = {
            name: one for name, one in self.base_filters.items() if data is None or name in data
        }
        super().__init__(data, *args, **kwargs)

    @cached_property
    def interval(self) -> AskedInterval | None:
        """The interval that was asked for. Raises `IntervalNotUnderstood`."""
        return asked_interval(self.data, self.now or datetime.now(UTC))

    def filter_queryset(
        self, queryset: QuerySet[Any], without: Collection[str] = ()
    ) -> QuerySet[Any]:
        """The rows that fit all filters but for some."""
        for name, value in self.form.cleaned_data.items():
            if name not in without:
                queryset = self.filters[name].filter(queryset, value)
        return queryset if self.interval is None else self.within(queryset, self.interval.interval)

    @classmethod
    def within(cls, rows: QuerySet[Any], interval: Interval) -> QuerySet[Any]:
        """The rows whose moment is in this interval."""
        rows = rows.alias(_moment=cls.moment)
        if interval.since is not None:
            rows = rows.filter(_moment__gte=interval.since)
        if interval.before is not None:
            rows = rows.filter(_moment__lt=interval.before)
        return rows


def interval_filters(of: str) -> dict[str, django_filters.Filter]:
    """The four parameters; `of` says what the moment of a row is."""
    return {
        "since": SpokenTime(
            label=f"From this time on: in ISO 8601, or as `yesterday`, `24h` or `2 days ago`. {of}"
        ),
        "until": SpokenTime(label="Until this time, which is included; a day wholly so."),
        "last": SpokenTime(label="The last `24h`, `30 days` or `2 weeks`, up to now."),
        "tz": Zone(
            label="The time zone of times without an offset, as `Europe/Berlin` or `+05:30`. By "
            "default UTC."
        ),
    }


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


INTERVAL = {
    "type": "object",
    "description": "Only with `since`, `until` or `last`: the interval that was used. `before` is "
    "not included; null is without a bound.",
    "required": ["since", "before", "tz"],
    "properties": {
        "since": {"type": ["string", "null"], "format": "date-time"},
        "before": {"type": ["string", "null"], "format": "date-time"},
        "tz": {"type": "string"},
    },
}
"""The interval in the OpenAPI document."""
