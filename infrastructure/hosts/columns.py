"""The choice of host columns for target columns: proposed by name and type, or decided by a user.

The current choice is in an event of the log (`consolidation.ColumnsChosen`). Every import and
verification reads it from there.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from domain.consolidation.values import ColumnChoice, ColumnChoices
from domain.values import Sources
from infrastructure.hosts.errors import (
    BadColumnChoice,
    ColumnsUnsettled,
    MissingColumns,
    ReasonForColumnMissing,
)
from infrastructure.hosts.readers.base import Reader
from infrastructure.hosts.schema import TableSchema
from infrastructure.hosts.synonyms import (
    BACKUP_SYNONYMS,
    BACKUP_TARGETS,
    FITTING,
    IN_ORDER,
    LEGACY_TARGETS,
    RESTORE_SYNONYMS,
    RESTORE_TARGETS,
    VOCABULARY,
    Kind,
)
from infrastructure.hosts.tables import CONSOLIDATED_RESTORES, HOST_TABLES, HostTable

NONE = "-"
"""The spelling of "no column" in a decision."""

Decisions = Mapping[tuple[str, str], tuple[str, ...]]
"""By label and target: the host columns that somebody decided on."""

NAMES_OF_ITS_BACKUP = "source_backup.database_name"
"""Where an event's `sources` say which column of its backup `target_database` is derived from."""


class UnfittingColumn(NamedTuple):
    """A column with the name of a target, but of another type or meaning."""

    label: str
    target: str
    column: str
    why: str

    def __str__(self) -> str:
        return f"{self.label}.{self.target}: the host's column {self.column} {self.why}"


class Unsettled(NamedTuple):
    """A target that a user has to decide on; `why` in words."""

    label: str
    target: str
    why: str

    def __str__(self) -> str:
        return f"{self.label}.{self.target} {self.why}"


WORDS: dict[Kind, str] = {
    "text": "text",
    "integer": "whole numbers",
    "boolean": "true or false",
    "time": "times",
    "key": "whole numbers that name a backup",
    "person": "a user's key",
}


def targets_of(table: HostTable) -> dict[str, Kind]:
    """The target columns that a host table's columns can fill, and what they hold."""
    if table.holds_backups:
        return BACKUP_TARGETS
    return LEGACY_TARGETS if table.origin == "legacy" else RESTORE_TARGETS


def spelled_decisions(lines: Iterable[str]) -> Decisions:
    """Parse a user's decisions: `LABEL.target=column`, `=first,second` or `=-` each."""
    tables = {table.label: table for table in HOST_TABLES}
    decisions: dict[tuple[str, str], tuple[str, ...]] = {}
    for line in lines:
        where, equals, columns = line.partition("=")
        label, _, target = where.strip().rpartition(".")
        if not equals or not columns.strip():
            raise BadColumnChoice(line, "it should look like LABEL.target=host_column")
        if label not in tables:
            raise BadColumnChoice(line, f"the tables are {', '.join(tables)}")
        known = targets_of(tables[label])
        if target not in known:
            raise BadColumnChoice(line, f"{label} has the targets {', '.join(sorted(known))}")
        names = tuple(name.strip() for name in columns.split(","))
        if (label, target) in decisions:
            raise BadColumnChoice(line, f"{label}.{target} is decided twice")
        if not all(names) or len(set(names)) < len(names):
            raise BadColumnChoice(line, "each host column is named once")
        decisions[label, target] = () if names == (NONE,) else names
    return decisions


class Survey(NamedTuple):
    """The choices that can be made, the targets that a user has to decide, and what is missing."""

    choices: ColumnChoices
    unsettled: list[Unsettled]
    missing: list[str]


def choose(
    found: Mapping[str, TableSchema],
    tables: Iterable[HostTable],
    known: ColumnChoices | None,
    decisions: Decisions,
    reason: str | None = None,
) -> ColumnChoices:
    """The choice for these tables: decisions, now or earlier (`known`), and proposals.

    For tables that are no longer read, the known choice stays. Raises `ColumnsUnsettled` if a user
    has to decide, `MissingColumns` if no column fills a required target, and the errors of
    `survey`.
    """
    surveyed = survey(found, tables, known, decisions, reason)
    if surveyed.unsettled:
        raise ColumnsUnsettled([str(one) for one in surveyed.unsettled])
    if surveyed.missing:
        raise MissingColumns(surveyed.missing)
    return surveyed.choices


def survey(
    found: Mapping[str, TableSchema],
    tables: Iterable[HostTable],
    known: ColumnChoices | None,
    decisions: Decisions,
    reason: str | None = None,
) -> Survey:
    """As `choose`, but targets that a user has to decide are returned, not raised.

    Raises `BadColumnChoice` for a decision on a column that the host lacks, and
    `ReasonForColumnMissing`.
    """
    choices = dict(known or {})
    unsettled: list[Unsettled] = []
    for table in tables:
        before = choices.get(table.label, {})
        there = found[table.name]
        choices[table.label] = {
            target: _choice(table, there, target, kind, decisions, reason)
            or _decided_before(table, there, target, before.get(target), unsettled)
            or _proposed(table, there, target, kind, unsettled)
            for target, kind in sorted(targets_of(table).items())
        }
        if table.origin == "legacy" and not table.holds_backups:
            _trigger_by_method(choices[table.label])
    return Survey(choices, unsettled, _missing(choices, tables, unsettled))


def unfit(
    reader: Reader, found: Mapping[str, TableSchema], choices: ColumnChoices
) -> list[UnfittingColumn]:
    """Columns chosen only for their name, whose type or values do not fit the target."""
    wrong = []
    for table in HOST_TABLES:
        for target, choice in choices.get(table.label, {}).items():
            if choice.how != "same name" or table.name not in found:
                continue
            column = found[table.name].column(target)
            kind = targets_of(table)[target]
            if column is None:
                continue
            if column.family not in FITTING[kind]:
                why = f"is {column.declared}, and the target holds {WORDS[kind]}"
                wrong.append(UnfittingColumn(table.label, target, target, why))
            elif table.origin == "legacy" and target in VOCABULARY:
                others = set(reader.words(table.name, target)) - VOCABULARY[target]
                if others:
                    known = ", ".join(sorted(VOCABULARY[target]))
                    why = f"says {min(others)!r:.40}, and the target says one of {known}"
                    wrong.append(UnfittingColumn(table.label, target, target, why))
    return wrong


def without_added(choices: ColumnChoices, known: ColumnChoices | None) -> ColumnChoices:
    """The choices without the target database that a migration of the host gave its consolidated
    table: rows that say something in it are read by its name, and the others as before."""
    label, target = CONSOLIDATED_RESTORES.label, "target_database"
    before = (known or {}).get(label, {}).get(target)
    if before is None or before.how != "none" or choices[label][target].how != "same name":
        return choices
    return {**choices, label: {**choices[label], target: before}}


def usual(table: HostTable, target: str) -> str:
    """The host column that fills a target by default."""
    if table.origin == "legacy" and target == "trigger_type":
        return "restore_method"
    return target


def recorded_sources(table: HostTable, choices: ColumnChoices) -> Sources:
    """The sources that an event records: only those that are not the usual column."""
    own = choices[table.label]
    return {
        target: choice.sources
        for target, choice in own.items()
        if choice.sources != (usual(table, target),) and (choice.sources or choice.how == "decided")
    }


def derived_sources_of(table: HostTable, choices: ColumnChoices) -> Sources:
    """The same for a restore with a derived target database: also the column it is derived from."""
    names = names_of_backups(table, choices)
    usual_names = ("database_name",)
    also = {} if names == usual_names else {NAMES_OF_ITS_BACKUP: names}
    return recorded_sources(table, choices) | also


def names_of_backups(table: HostTable, choices: ColumnChoices) -> tuple[str, ...]:
    """The columns in the table of a restore's backups that name the backup's database."""
    label = next(other.label for other in HOST_TABLES if other.name == table.backups)
    choice = choices.get(label, {}).get("database_name")
    return choice.sources if choice else ()


def _choice(
    table: HostTable,
    there: TableSchema,
    target: str,
    kind: Kind,
    decisions: Decisions,
    reason: str | None,
) -> ColumnChoice | None:
    """The decision that is made now; None if there is none."""
    decided = decisions.get((table.label, target))
    if decided is None:
        return None
    spelled = f"{table.label}.{target}={','.join(decided) or NONE}"
    for name in decided:
        column = there.column(name)
        if column is None:
            raise BadColumnChoice(spelled, f"{table.name} has no column {name}")
        if column.family not in FITTING[kind] and not (reason or "").strip():
            raise ReasonForColumnMissing(spelled, column.declared, WORDS[kind])
    own = there.column(target)
    if own is not None and target not in decided and not (reason or "").strip():
        raise ReasonForColumnMissing(spelled, f"not {target}, which it has", WORDS[kind])
    return ColumnChoice(sources=decided, how="decided", reason=reason)


def _decided_before(
    table: HostTable,
    there: TableSchema,
    target: str,
    before: ColumnChoice | None,
    unsettled: list[Unsettled],
) -> ColumnChoice | None:
    """An earlier decision. It is valid until another is made, while the host has the columns."""
    if before is None or before.how != "decided":
        return None
    gone = [name for name in before.sources if not there.has(name)]
    if gone:
        said = f"was decided to be filled by {', '.join(gone)}, which the host has no longer"
        unsettled.append(Unsettled(table.label, target, said))
        return ColumnChoice(sources=(), how="none")
    return before


def _proposed(
    table: HostTable, there: TableSchema, target: str, kind: Kind, unsettled: list[Unsettled]
) -> ColumnChoice:
    """The column of the same name, else the synonyms; adds to `unsettled` what is not clear."""
    if there.has(target):
        return ColumnChoice(sources=(target,), how="same name")
    names = (BACKUP_SYNONYMS if table.holds_backups else RESTORE_SYNONYMS).get(target, ())
    candidates = [column for name in names if (column := there.column(name)) is not None]
    # A column fills one target: one with the name of another target is not a candidate.
    taken = targets_of(table).keys()
    candidates = [column for column in candidates if column.name not in taken]
    fitting = [column.name for column in candidates if column.family in FITTING[kind]]
    in_order = [name for name in IN_ORDER.get(target, ()) if name in fitting]
    if fitting and (len(fitting) == 1 or in_order == fitting):
        return ColumnChoice(sources=tuple(fitting), how="proposed")
    if candidates:
        what = "by any of" if len(candidates) > 1 else "by"
        listed = ", ".join(f"{column.name} ({column.declared})" for column in candidates)
        why = "several columns could fill it" if fitting else f"it holds {WORDS[kind]}"
        said = f"might be filled {what} {listed}, but {why}"
        unsettled.append(Unsettled(table.label, target, said))
    return ColumnChoice(sources=(), how="none")


def _trigger_by_method(choices: dict[str, ColumnChoice]) -> None:
    """The plan's own mapping: the column with a legacy row's method also fills its trigger type."""
    if choices["trigger_type"].how == "none":
        sources = choices["restore_method"].sources
        choices["trigger_type"] = ColumnChoice(sources=sources, how="mapped")


def _missing(
    choices: ColumnChoices, tables: Iterable[HostTable], unsettled: Iterable[Unsettled]
) -> list[str]:
    """Required targets without a column and without candidates."""
    open_ = {(one.label, one.target) for one in unsettled}
    return [
        f"{table.name}.{target}"
        for table in tables
        for target in table.required
        if target != "id"
        and not choices[table.label][target].sources
        and (table.label, target) not in open_
    ]
