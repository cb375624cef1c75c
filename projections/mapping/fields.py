"""The types of a field mapping: for each column, the host column that fills it, and the rule.

The mappings of the packages are used by the docs, by the change history and by readers of the
code. `columns` takes from them the columns that one value of the host fills, which is all that
`host_values` needs. The projectors set the other columns, and a test checks that they do it as the
mapping says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from domain.backups.events import HostBackupRow
from domain.restores.events import HostRow
from projections.mapping.conversions import Rule
from projections.mapping.host_values import ColumnMapping, Provenance, UsualSources


@dataclass(frozen=True)
class From:
    """Where the values of a column come from, for rows of one of the host's tables.

    `usually` is None if they never come from the host. `otherwise` says when the importer records
    another value as derived, and which. `missing` is the value that it assumes for every row if
    the host has no column for it.
    """

    usually: Provenance | None
    otherwise: str = ""
    missing: str | bool | None = None

    @property
    def words(self) -> str:
        """The text for the docs."""
        if self.usually is None:
            return "the log"
        if self.missing is not None:
            return f"{self.usually}, else assumed"
        return f"{self.usually}, else derived" if self.otherwise else self.usually


OBSERVED: Final = From("observed")
"""The host's own value."""

DERIVED: Final = From("derived")
"""Computed from the host's values."""

LOGGED: Final = From(None)
"""Not from the host: only the log knows it."""


def else_assumed(value: str | bool) -> From:
    """The host's own value; if it has no such column, the importer assumes this for every row."""
    return From("observed", missing=value)


def observed_else(words: str) -> From:
    """The host's own value, or one that the importer derives; `words` say when, and which."""
    return From("observed", otherwise=words)


NONE: Final = ""
"""The host has no column for it."""

OTHERS: Final = "*"
"""All columns of the host that no field names."""


class SetByProjector:
    """Used instead of a rule if the column needs several values of the host's row, or none.

    `how` is the text for the docs.
    """

    def __init__(self, how: str) -> None:
        self.how = how


OWN_ID: Final = SetByProjector("as it is")
MOVED_ID: Final = SetByProjector(
    "the offset + id, since both of the host's tables use the same ids"
)
OWN_BACKUP: Final = SetByProjector("as it is")
MOVED_BACKUP: Final = SetByProjector(
    "the offset + id, since both of the host's backup tables use the same ids"
)
OWN_UUID: Final = SetByProjector("the row's UUID, made of host, table and id")
BACKUPS_UUID: Final = SetByProjector("the backup's UUID, made of host, table and id")
USERS_NAME: Final = SetByProjector("that user's name when the row was read")
WHICH_TABLE: Final = SetByProjector(
    "which table of the host the row is of, or `recorded` for those recorded here"
)
EVENTS_SO_FAR: Final = SetByProjector("how many events the row has had")
AMENDED_HERE: Final = SetByProjector(
    "the columns amended here, a JSON list; these win over the host"
)
CHECKED_HERE: Final = SetByProjector(
    "whether its data was found right, if it was recorded and checked here"
)
COUNTED_HERE: Final = SetByProjector("how many warnings it had, if it was recorded here")
THE_REST: Final = SetByProjector("what the host has beyond the columns named here, verbatim, JSON")


class Field(NamedTuple):
    """One column, for rows of one of the host's tables.

    `source` is the host's column that usually fills it (the first one if the rule takes several),
    `NONE` or `OTHERS`. An event may name other columns.
    """

    source: str
    target: str
    rule: Rule | SetByProjector
    origin: From

    @property
    def rule_words(self) -> str:
        """What the rule does; for a function, the first sentence of its docstring."""
        if isinstance(self.rule, SetByProjector):
            return self.rule.how
        sentence = (self.rule.__doc__ or "").split("\n\n")[0].split(". ")[0].rstrip(".")
        return sentence[:1].lower() + sentence[1:]


Fields = tuple[Field, ...]
"""A table's columns, in order, for rows of one of the host's tables."""

ByOrigin = Mapping[str, Fields]
"""The same for each of the host's tables whose rows are in this one."""


def columns(tables: ByOrigin) -> tuple[ColumnMapping, ...]:
    """The columns for `host_values`: those that one value fills, for rows of any origin."""
    legacy = tables["legacy"]
    others = {field.target: field for field in tables.get("consolidated", legacy)}
    found = []
    for field in legacy:
        other = others[field.target]
        if not isinstance(field.rule, SetByProjector) and not isinstance(
            other.rule, SetByProjector
        ):
            assert field.rule is other.rule, f"{field.target} has one rule, whatever the origin"
            found.append(ColumnMapping(field.target, field.rule, field.source, other.source))
    return tuple(found)


LOOKED_UP: Final = frozenset({"restore_id", "backup_id", "created_by_username"})
"""Columns whose value is found through another column of the host."""


def usual_sources(fields: Fields) -> UsualSources:
    """Which host column usually fills which column here; all others go into `extra`."""
    return {
        field.target: field.source
        for field in fields
        if field.source not in (NONE, OTHERS) and field.target not in LOOKED_UP
    }


def provenance(event: HostRow | HostBackupRow, field: Field) -> Provenance:
    """Where the value of this column comes from, in this event.

    The event overrides the mapping: the UTC time of a naive local time is derived, or assumed.
    """
    if not isinstance(field.rule, SetByProjector):
        if field.target in event.assumed:
            return "assumed"
        if field.target in event.derived:
            return "derived"
    return field.origin.usually or "observed"
