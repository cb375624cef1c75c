"""The registry of projections. Each projection registers itself when its app is ready."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID, uuid5

import msgspec
from django.apps import apps
from django.db import models
from msgspec.structs import astuple

from domain.events import Event
from projections.engine.errors import UnknownLabel
from projections.engine.histograms import Histogram
from projections.engine.searched_texts import SearchedTexts
from projections.mapping.constraints import (
    AllFit,
    Check,
    Fits,
    all_fit,
    checker,
    column_checks,
    python_type,
)

Row = Any
"""A struct: the table's columns in order, then `unfit` and `present`.

`unfit` says why a column cannot hold the events' value (the column is then None). `present` is
false if the row is no longer in the table, but may come back.
"""


BESIDE_COLUMNS = 2
"""How many fields at the end of a row struct are not columns."""

Key = tuple[Any, ...]
Measures = tuple[int | Histogram, ...]
"""What is summed: whole numbers, and histograms where the table has a text column."""
Sums = dict[Key, Measures]


class _Table:
    """The part that all projections share: the table."""

    model: type[models.Model]

    @property
    def label(self) -> str:
        """The name for people."""
        return self.model._meta.label

    @property
    def table(self) -> str:
        """The table's name, as `migrate` created it."""
        return self.model._meta.db_table

    @property
    def columns(self) -> list[str]:
        """The table's columns, in order; the row structs begin with the same fields."""
        return [str(field.column) for field in self.model._meta.concrete_fields]

    @cached_property
    def fits(self) -> Fits:
        """Returns the first column that cannot hold its value."""
        return checker(self.model)

    @cached_property
    def column_checks(self) -> list[tuple[str, Check]]:
        """Each column with what says why it cannot hold a value."""
        return column_checks(self.model)

    @cached_property
    def all_fit(self) -> AllFit:
        """Whether the columns of many rows can all hold their values."""
        return all_fit(self.model)


@dataclass(frozen=True, kw_only=True)
class RowProjection(_Table):
    """A table with one row for each stream, which `project` folds from its events.

    `event_type` is the base class of the events it applies; `key` is the unique column that holds
    the stream's id; `version` is the projector's, which a generation records. `includes` says
    whether the row that begins with an event belongs in the table under a scope; `scoped`, whether
    that is the scope in force (see `scopes`) or always the same one. `certified` says whether a
    certificate covers the table. `searched` are the texts for which the table has a search index.
    """

    model: type[models.Model]
    row_type: type[Row]
    event_type: type[Event]
    key: str
    version: int
    project: Callable[[Any, Any], Row | None]
    includes: Callable[[str, Event], bool]
    scoped: bool = False
    certified: bool = False
    searched: SearchedTexts | None = None

    @property
    def source(self) -> "RowProjection":
        """The projection whose rows these are."""
        return self


@dataclass(frozen=True, kw_only=True)
class AggregateProjection(_Table):
    """A table of sums, by a key, over the rows of the row projection labelled `of`.

    `contribute` returns what a row in that table adds, and to which keys. The model's columns are
    `id`, the primary key, a UUID computed from the key; then `key_columns`, which make up the key;
    then the measures: whole numbers, or text, which holds a histogram. A row is removed when all
    its measures are zero. `own_version` is the version of `contribute`. `contribute_all`, if there
    is one, returns at once what many rows add together: for rebuilds, where it is faster.

    `every_scope` says that the sums are over the rows of the widest scope, whichever is in force,
    so that a switch of scopes does not concern them. Their key then has to say which rows they
    are of.
    """

    model: type[models.Model]
    of: str
    key_columns: int
    contribute: Callable[[Any], Sums]
    own_version: int
    contribute_all: Callable[[Sequence[Any]], Sums] | None = None
    every_scope: bool = False
    certified: bool = False
    key: str = field(default="id", init=False)

    @property
    def source(self) -> RowProjection:
        """The projection whose rows are summed."""
        source = PROJECTIONS[self.of]
        assert isinstance(source, RowProjection), "sums are made of rows"
        return source

    @property
    def scoped(self) -> bool:
        """The same as for its source, unless it always sums all rows."""
        return self.source.scoped and not self.every_scope

    @property
    def version(self) -> int:
        """The sum of its own and its source's version, so that it changes with either."""
        return self.own_version + self.source.version

    @cached_property
    def row_type(self) -> type[Row]:
        """A struct like those of the row projections."""
        columns = [
            (str(column.column), python_type(column)) for column in self.model._meta.concrete_fields
        ]
        beside = [("unfit", dict[str, str], {}), ("present", bool, True)]
        return msgspec.defstruct(self.model.__name__, [*columns, *beside], frozen=True)

    def refuse_other_shapes(self, sums: Sums) -> None:
        """Raise `ValueError` if the key or the measures have another number of columns."""
        for key, measures in sums.items():
            if (len(key), len(measures)) != self._shape:
                raise ValueError(f"{key}: {measures} does not fit the columns {self.columns}")

    @cached_property
    def _shape(self) -> tuple[int, int]:
        """How many columns the key has, and how many measures there are."""
        return self.key_columns, len(self.columns) - 1 - self.key_columns

    def row_id(self, key: Key) -> UUID:
        """The id of this key's row, always the same for a key."""
        return _row_id(*key)

    def row(self, key: Key, measures: Measures) -> Row:
        """The row with this key and these measures."""
        return self.row_type(self.row_id(key), *key, *map(_column, measures))

    def measures(self, row: Row) -> Measures:
        """A row's measures: its columns without the key."""
        columns = astuple(row)[1 + self.key_columns : -BESIDE_COLUMNS]
        return tuple(Histogram.read(one) if isinstance(one, str) else one for one in columns)


@lru_cache(maxsize=10_000, typed=True)  # 1 and True are equal, and make different ids
def _row_id(*key: Any) -> UUID:
    return uuid5(ROWS_OF_KEYS, msgspec.json.encode(key).decode())


def _column(measure: int | Histogram) -> int | str:
    return measure.text if isinstance(measure, Histogram) else measure


Notes = tuple[Any, ...]


@dataclass(frozen=True, kw_only=True)
class VersionsProjection(_Table):
    """A table of all versions of the rows of the row projection labelled `of`: one for each event.

    The model's columns are those in `VALIDITY`; the columns of the source's table, all of which may
    be NULL; those in `ABSENCE`; then the version's notes. `note` returns these from those of the
    version before, if there is one, the event, and the row after it. `passes` says whether a row
    will soon have another version: see `version_cells`.

    `scope` is the one in which every row is included, whichever is in force: readers leave out what
    another scope does not have. `number` is the source's column that numbers the stream's events.
    `own_version` is the version of `note`.
    """

    model: type[models.Model]
    of: str
    scope: str
    number: str
    note: Callable[[Notes | None, Any, Any], Notes]
    passes: Callable[[Any], bool]
    own_version: int
    certified: bool = False
    key: str = field(default="valid_from", init=False)
    scoped: bool = field(default=False, init=False)

    @cached_property
    def source(self) -> RowProjection:
        """The projection whose rows have these versions."""
        source = PROJECTIONS[self.of]
        assert isinstance(source, RowProjection), "versions are those of rows"
        columns = [*VALIDITY, *source.columns, *ABSENCE]
        assert self.columns[: len(columns)] == columns, f"{self.label} has other columns"
        return source

    @property
    def version(self) -> int:
        """The sum of its own and its source's version, so that it changes with either."""
        return self.own_version + self.source.version

    @property
    def searched(self) -> SearchedTexts | None:
        """The texts of the source's rows, if they are searched."""
        return self.source.searched


VALIDITY = ("valid_from", "valid_to", "block", "cell")
"""The columns of a version that say when it was valid.

`valid_from` is the primary key, the position of the event that made the version; `valid_to` is that
of the event that ended it, or NULL. `block` and `cell` find versions: see `version_cells`.
"""

ABSENCE = ("present", "absence", "absence_column", "absence_reason", "absent_row")
"""The columns of a version that say whether its row is in the source's table, and if not, why.

`absence` is the cause as for a withheld row. `absent_row` is the row as JSON, which is needed when
it changes or returns.
"""

Projection = RowProjection | AggregateProjection | VersionsProjection
Searchable = RowProjection | VersionsProjection
"""Projections whose tables can have a search index."""
ROWS_OF_KEYS = UUID("0b5e2c0e-4f59-5a5e-9c5c-6f0a0d9f6a52")

PROJECTIONS: dict[str, Projection] = {}
"""The projections by label, in the order in which they registered."""


def register(*projections: Projection) -> None:
    """Register projections with the engine. Call this when their app is ready."""
    for projection in projections:
        PROJECTIONS[projection.label] = projection


def row_projections() -> list[RowProjection]:
    """The projections with one row for each stream."""
    return [one for one in PROJECTIONS.values() if isinstance(one, RowProjection)]


def row_projection(label: str) -> RowProjection:
    """The row projection with this label."""
    return PROJECTIONS[label].source


def apps_with_projections() -> tuple[str, ...]:
    """The Django names of the apps whose models are projections."""
    labels = dict.fromkeys(one.model._meta.app_label for one in PROJECTIONS.values())
    return tuple(apps.get_app_config(label).name for label in labels)


def projections_named(labels: Iterable[str] | None) -> list[Projection]:
    """The projections with these labels, or all if the list is empty; raises `UnknownLabel`."""
    wanted = list(labels or PROJECTIONS)
    for label in wanted:
        if label not in PROJECTIONS:
            raise UnknownLabel(label, list(PROJECTIONS))
    return [projection for label, projection in PROJECTIONS.items() if label in wanted]
