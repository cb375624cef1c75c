"""The expected rows from the host: read from the host, then overlaid by amendments."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from domain.consolidation.values import ColumnChoices
from domain.restores.events import HostRow
from domain.values import Tagged, Value
from projections.verification.actual.readers import SnapshotReader
from projections.verification.actual.readers.base import ReadColumn, Row, Wanted
from projections.verification.cells import UNFIT, Cells, Values, expected
from projections.verification.chunks import CellViolation, ComparedChunk, Overruled
from projections.verification.errors import HostNotComparable
from projections.verification.expected.amendments import Amendment, amended_columns, amendments
from projections.verification.expected.assumptions import Suppositions
from projections.verification.expected.from_log import logged_cells
from projections.verification.expected.links import Links
from projections.verification.expected.schema import (
    OPTIONAL_IN_HOST,
    TABLES,
    Assumed,
    Computed,
    Constant,
    ExpectedTable,
    Rule,
)
from projections.verification.expected.sources import (
    assumed_value,
    first_logged,
    first_said,
    is_filled,
    logged_source,
    shown_of,
    sources_for,
)
from projections.verification.expected.users import lookup_of, name_of
from projections.verification.expected.violations import plain
from projections.verification.identity import stream_ids
from projections.verification.log_index import Entry, LogIndex

NOT_A_TIME = object()
"""Represents a value that is not a time, in a column of times."""


@dataclass
class ExpectedHostRows:
    """The rows of one host table, as they must be in the table `into`.

    Legacy rows have the id `shift` + id in the consolidated tables; in their own, `shift` is 0.
    """

    host: SnapshotReader
    log: LogIndex
    into: ExpectedTable
    of: ExpectedTable
    zone: ZoneInfo | None
    seen: Callable[[list[Row]], None] | None = None
    """Called with every batch as read from the host."""

    def __post_init__(self) -> None:
        self.shift = 0 if self.of is self.into else self.log.id_offset
        self.names = self.log.names[self.of.origin]
        there = self.host.columns(self.of.name)
        names = [column.name for column in there]
        refuse_missing(self.of, self.log.choices, names)
        self.at = {name: n for n, name in enumerate(names)}
        self.suppositions = Suppositions(self.of)
        self.fills = {
            rule.column: sources_for(rule, self.of, self.log.choices, names)
            for rule in self.into.rules
            if is_filled(rule, self.of.origin)
        }
        self.rivals = [some for some in self.fills.values() if len(some) > 1]
        self.alone = {some[0] for some in self.fills.values() if len(some) == 1}
        self._want(there)
        self.lookup = (
            lookup_of(self.host, self.of.name, self.fills["created_by_id"])
            if self.of.subject == "restore"
            else None
        )
        backups = next(
            t for t in TABLES.values() if (t.origin, t.subject) == (self.of.origin, "backup")
        )
        self.links = Links(self.log.host, backups.name)
        self.odd = {
            want.column.name: self.host.verbatim(want.column)
            for want in self.wanted
            if want.kind not in ("time", "verbatim") and not self.host.is_exact(want)
        }

    def _want(self, there: Sequence[ReadColumn]) -> None:
        """Set the columns to read: each of the host's columns by its target's kind, and those for
        `extra` verbatim; an alternative source is read both ways.
        """
        kinds = {
            name: rule.holds.kind
            for rule in self.into.rules
            for name in self.fills.get(rule.column, ())
        }
        rivalling = {name for some in self.rivals for name in some}
        self.wanted = [Wanted(column, kinds.get(column.name, "verbatim")) for column in there]
        self.extras = [
            column for column in there if column.name not in kinds or column.name in rivalling
        ]
        self.keep = [self.host.verbatim(column) for column in self.extras]
        self.verbatim_at: dict[str, int] = {}
        for column in self.extras:
            if column.name in kinds:
                self.verbatim_at[column.name] = len(self.wanted)
                self.wanted.append(Wanted(column, "verbatim"))
            else:
                self.verbatim_at[column.name] = self.at[column.name]

    @property
    def derives_target(self) -> bool:
        """Whether `target_database` has to be taken from the backup, and always was so."""
        return (
            self.of.subject == "restore"
            and not self.fills["target_database"]
            and not self.log.names_chosen[self.of.origin]
        )

    def chunks(self) -> Iterator[ComparedChunk]:
        """All rows, in order of the id that they have in the table."""
        for rows in self.host.stream(self.of.name, self.wanted, self.lookup):
            if self.seen is not None:
                self.seen(rows)
            yield self._chunk(rows)

    def _chunk(self, rows: list[Row]) -> ComparedChunk:
        values: list[Values] = list(zip(*rows, strict=True))
        if self.into is self.of:
            self._suppose(values, len(rows))
        keys = values[self.at["id"]]
        refuse_other_keys(self.of, keys)
        streams = stream_ids(self.log.host, self.of.name, keys)
        raw = [self._raw(rule, values, streams) for rule in self.into.rules]
        columns = [
            self._cells(rule, said, values) for rule, said in zip(self.into.rules, raw, strict=True)
        ]
        ids = [key + self.shift for key in keys] if self.shift else list(keys)
        misfits: dict[tuple[int, int], CellViolation] = {}
        amended, overruled = self._overlay(ids, streams, columns, misfits)
        return ComparedChunk(
            ids,
            columns,
            streams,
            raw,
            overruled,
            amended=amended,
            misfits=misfits,
            kept=self._kept,
        )

    def _suppose(self, values: list[Values], size: int) -> None:
        """Count the assumptions about the host's rows; only in their own table, so only once."""
        times = [rule.column for rule in self.into.rules if rule.holds.kind == "time"]
        said = {column: self._local(column, values, size) for column in times if self.zone}
        local = dict.fromkeys(said, self.zone) if self.zone else {}
        if "target_database" in self.fills:
            said["target_database"] = self._said("target_database", values, size)
        self.suppositions.host_rows(self.log.choices, self.at.keys(), said, local, size)

    def _local(self, column: str, values: list[Values], size: int) -> Values:
        """The local times that fill a column of times; for other rows, a value that is not text."""
        said = []
        for name in self.fills[column]:
            own = values[self.at[name]]
            declared = self.wanted[self.at[name]].column
            if not (self.host.is_time(declared) and self.host.is_local_time(declared)):
                own = [None if v is None else NOT_A_TIME for v in own]
            said.append(own)
        return first_said(said, size)

    def _raw(self, rule: Rule, values: list[Values], streams: Sequence[str]) -> Values:
        """The host's values for a column, before they become cells."""
        source = rule.source(self.of.origin)
        size = len(streams)
        if isinstance(source, Constant):
            return (source.value,) * size
        if isinstance(source, Computed):
            return self._computed(source, values, streams)
        if rule.holds.kind == "extra":
            return self._extra(values, size)
        names = self.fills[rule.column]
        assumed = assumed_value(rule, self.of.origin)
        if not names and assumed is not None:
            return (assumed,) * size
        said = self._said(rule.column, values, size)
        if rule.column == "target_database":
            return self._target(said, values, streams)
        if self.shift and rule.column in ("id", "source_backup_id"):
            return tuple([v + self.shift if v.__class__ is int else v for v in said])
        return said

    def _computed(self, source: Computed, values: list[Values], streams: Sequence[str]) -> Values:
        """The values that are in no column of the host."""
        match source.what:
            case "stream":
                return streams
            case "version":
                return self.log.versions.of(streams)
            case "backup":
                return self.links.of(self._said("source_backup_id", values, len(streams)))
            case "username" if self.lookup is not None:
                return tuple(map(name_of, values[-1]))
            case "amended":
                return ("[]",) * len(streams)
        return (None,) * len(streams)

    def _kept(self, number: int, value: Any) -> object:
        """The host's value that a column cannot hold, in the form of an event."""
        rule = self.into.rules[number]
        names = self.fills.get(rule.column, ())
        if not names or not self.odd.keys().isdisjoint(names):
            return plain(value)
        column = self.wanted[self.at[names[0]]].column
        # Not by `verbatim`, to which text that is not UTF-8 is raw bytes.
        if isinstance(value, str) and rule.holds.kind == "time" and self.host.is_time(column):
            return Tagged("time", value)
        return plain(self.host.verbatim(column)(value))

    def _said(self, column: str, values: list[Values], size: int) -> Values:
        """The host's values for a target: from its source columns, the first that is not null."""
        return first_said([self._one(name, values) for name in self.fills[column]], size)

    def _one(self, name: str, values: list[Values]) -> Values:
        said = values[self.at[name]]
        return tuple(map(self.odd[name], said)) if name in self.odd else said

    def _target(self, said: Values, values: list[Values], streams: Sequence[str]) -> Values:
        """The target databases. The consolidated table treats '', and no other text, as missing."""
        absent = (None,) if self.into.origin == "legacy" else (None, "")
        if not any(nothing in said for nothing in absent):
            return said
        names = self._derived(values, streams)
        return [name if v in absent else v for v, name in zip(said, names, strict=True)]

    def _cells(self, rule: Rule, said: Values, values: list[Values]) -> Cells:
        if self._is_constant(rule):
            return expected(rule.holds, said[:1]) * len(said)
        if rule.holds.kind != "time":
            return expected(rule.holds, said)
        cells: Cells | None = None
        for name in reversed(self.fills[rule.column]):
            place = self.at[name]
            column, own = self.wanted[place].column, values[place]
            if not self.host.is_time(column):
                own = [None if v is None else NOT_A_TIME for v in own]
            zone = self.zone if self.host.is_local_time(column) else None
            one = expected(rule.holds, own, zone)
            cells = (
                one
                if cells is None
                else [
                    other if v is None else cell
                    for v, cell, other in zip(own, one, cells, strict=True)
                ]
            )
        return expected(rule.holds, said) if cells is None else cells

    def _is_constant(self, rule: Rule) -> bool:
        """Whether every row has the same value before amendments."""
        source = rule.source(self.of.origin)
        if isinstance(source, Assumed):
            return not self.fills[rule.column]
        return isinstance(source, Constant) or source == Computed("amended")

    def _extra(self, values: list[Values], size: int) -> Values:
        if not self.extras:
            return ("{}",) * size
        names = [column.name for column in self.extras]
        kept = [
            map(keep, values[self.verbatim_at[name]])
            for name, keep in zip(names, self.keep, strict=True)
        ]
        encode = msgspec.json.encode
        rows = [dict(zip(names, row, strict=True)) for row in zip(*kept, strict=True)]
        if self.rivals:
            rows = [_left(row, self.rivals, self.alone) for row in rows]
        return tuple([encode(row).decode() for row in rows])

    def _derived(self, values: list[Values], streams: Sequence[str]) -> Values:
        """The backup's database name, as the log knew it when the row was last read."""
        self.log.learn_backup_names()
        if not self.names.some:
            return [""] * len(streams)
        # A value that is not an integer does not name a backup.
        backups: list[Any] = [
            key if key.__class__ is int else None
            for key in self._said("source_backup_id", values, len(streams))
        ]
        since = max(self.log.first_restore, self.log.names_chosen[self.of.origin])
        names: list[Any] = [
            "" if backup is None else self.names.settled(backup, since) for backup in backups
        ]
        open_ = [
            n
            for n, name in enumerate(names)
            if name is None or (name == "" and self.log.read_again(streams[n]))
        ]
        found = self.log.streams([streams[n] for n in open_]) if open_ else {}
        for n in open_:
            names[n] = self._derived_by_log(backups[n], found.get(streams[n], []))
        return names

    def _derived_by_log(self, backup: Any, entries: list[Entry]) -> str:
        """The backup's name when the row was last read; else when it last had one to derive."""
        read = last_read(entries)
        if read is None or read < self.log.names_chosen[self.of.origin]:
            read = self.log.position + 1  # The next import would read it.
        name = "" if backup is None else self.names.at(backup, read)
        if name:
            return name
        target, source = (self._rule(c) for c in ("target_database", "source_backup_id"))
        for position, event in reversed(entries):
            if not isinstance(event, HostRow):
                continue
            origin = self.of.origin
            own = first_logged(event.columns, logged_source(target, origin, event.sources))
            key = first_logged(event.columns, logged_source(source, origin, event.sources))
            if own in (None, "") and isinstance(key, int):
                name = self.names.at(key, position)
                if name:
                    return name
        return ""

    def _rule(self, column: str) -> Rule:
        return next(rule for rule in self.into.rules if rule.column == column)

    def _overlay(
        self,
        ids: list[int],
        streams: Sequence[str],
        columns: list[Cells],
        misfits: dict[tuple[int, int], CellViolation],
    ) -> tuple[bool, list[Overruled]]:
        """Put what the log says in the place of what the host says: the amendments."""
        return self._amend(ids, streams, columns, misfits)

    def _amend(
        self,
        ids: list[int],
        streams: Sequence[str],
        columns: list[Cells],
        misfits: dict[tuple[int, int], CellViolation],
    ) -> tuple[bool, list[Overruled]]:
        """Overlay the amended values; whether there are any, and which the host changed since.

        Those that do not fit their columns are added to the `misfits`.
        """
        some = self.log.amended
        amended = [n for n, stream in enumerate(streams) if stream in some] if some else []
        if not amended:
            return False, []
        found = self.log.streams([streams[n] for n in amended])
        overruled = []
        for n in amended:
            entries = found[streams[n]]
            for number, amendment in amendments(self.into, entries):
                now = columns[number][n]
                column = self.into.rules[number].column
                if column in self.into.named_in_host and self._changed_since(
                    amendment, entries, number, now
                ):
                    overruled.append(Overruled(ids[n], column, now, amendment.cell))
                columns[number][n] = amendment.cell
                if amendment.cell == UNFIT:
                    misfits[n, number] = CellViolation(number, plain(amendment.said), "here")
            number = self.into.numbers["amended"]
            listed = amended_columns(self.into, entries)
            columns[number][n] = expected(self.into.rules[number].holds, [listed])[0]
        return True, overruled

    def _changed_since(
        self, amendment: Amendment, entries: Sequence[Entry], number: int, now: str
    ) -> bool:
        read = [
            event for at, event in entries if isinstance(event, HostRow) and at < amendment.position
        ]
        before = logged_cells(self.into, read[-1], self.shift)[number] if read else now
        return before != now


def last_read(entries: Sequence[Entry]) -> int | None:
    """The position of the last event with the values of the host's row."""
    return next((at for at, event in reversed(entries) if isinstance(event, HostRow)), None)


def refuse_other_keys(table: ExpectedTable, keys: Values) -> None:
    """Raise `HostNotComparable` if a row's id is not a whole number: it has no stream then."""
    if set(map(type, keys)) - {int}:
        raise HostNotComparable(f"whole numbers of 64 bits in every row's {table.name}.id")


def _left(
    row: dict[str, Value], rivals: Sequence[Sequence[str]], alone: Collection[str]
) -> dict[str, Value]:
    """The row without the columns that are shown: of alternatives, the one used and the empty ones.

    An alternative may be the only source of another column (`alone`); then it is always shown.
    """
    shown = {*alone, *(name for some in rivals for name in shown_of(some, row))}
    return {name: value for name, value in row.items() if name not in shown}


def refuse_missing(
    table: ExpectedTable, choices: ColumnChoices | None, there: Collection[str]
) -> None:
    """Raise `HostNotComparable` if the host lacks the table or a required column."""
    if not there:
        raise HostNotComparable(f"the table {table.name}")
    for rule in table.rules:
        optional = rule.column in OPTIONAL_IN_HOST[table.subject]
        if optional or not is_filled(rule, table.origin):
            continue
        if not sources_for(rule, table, choices, there):
            raise HostNotComparable(f"the column {table.name}.{rule.column}")
