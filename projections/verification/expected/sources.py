"""The sources of columns: verification's own reading of the choices in the log.

The log has a choice for each target (`consolidation.ColumnsChosen`). A choice that a person made is
used as it is. Else the source is the column that verification's own rules name, even if it was
added later: a value in a host's row is never replaced. Only if the host has no such column, the
log's proposal is used.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from domain.consolidation.values import ColumnChoice, ColumnChoices
from domain.values import Columns, Sources, Value
from projections.verification.expected.schema import Assumed, ExpectedTable, Fallback, Rule

BACKUPS_NAME = "database_name"
"""The backup's column from which a restore's target database is derived."""


def is_filled(rule: Rule, origin: str) -> bool:
    """Whether a host column fills it, in rows of this origin."""
    return rule.holds.kind != "extra" and isinstance(rule.source(origin), str | Assumed | Fallback)


def usual_source(rule: Rule, origin: str) -> str:
    """The host column that fills a column unless another is chosen."""
    source = rule.source(origin)
    if isinstance(source, Fallback):
        return source.column
    return source if isinstance(source, str) else rule.column


def sources_for(
    rule: Rule, of: ExpectedTable, choices: ColumnChoices | None, there: Collection[str]
) -> tuple[str, ...]:
    """The host columns of the table `of` that may fill a column, of those that are `there`."""
    choice = _chosen(rule.column, of, choices)
    names: tuple[str, ...] = (usual_source(rule, of.origin),)
    if choice is not None and choice.how == "decided":
        names = choice.sources
    elif isinstance(rule.source(of.origin), Fallback) and rule.column in there:
        names = (rule.column,)
    elif choice is not None and names[0] not in there:
        names = choice.sources
    return tuple(name for name in names if name in there)


def assumed_value(rule: Rule, origin: str) -> str | bool | None:
    """The value assumed for every row if the host has no column for it; None if there is none."""
    source = rule.source(origin)
    return source.value if isinstance(source, Assumed) else None


def first_said(values: Sequence[Sequence[Any]], size: int) -> Sequence[Any]:
    """Row by row, the first of several columns that is not null; all None without columns."""
    if not values:
        return (None,) * size
    if len(values) == 1:
        return values[0]
    return tuple(next((v for v in row if v is not None), None) for row in zip(*values, strict=True))


def logged_source(rule: Rule, origin: str, sources: Sources) -> tuple[str, ...]:
    """The host columns that may fill a column, according to an event."""
    return sources.get(rule.column, (usual_source(rule, origin),))


def first_logged(columns: Columns, names: Sequence[str]) -> Value:
    """The first value of these columns in an event that is not null."""
    return next((columns[name] for name in names if columns.get(name) is not None), None)


def shown_of(names: Sequence[str], row: Mapping[str, Value]) -> list[str]:
    """Of a column's possible sources: the first with a value, and those without one."""
    saying = [name for name in names if row.get(name) is not None]
    return [name for name in names if name not in saying[1:]]


def backups_names(columns: Columns, sources: Sources) -> str:
    """The database name in a backup's event; '' if there is none, or it is not text."""
    value = first_logged(columns, sources.get(BACKUPS_NAME, (BACKUPS_NAME,)))
    return value if isinstance(value, str) else ""


def _chosen(target: str, of: ExpectedTable, choices: ColumnChoices | None) -> ColumnChoice | None:
    own: Mapping[str, ColumnChoice] = (choices or {}).get(of.label, {})
    return own.get(target)
