"""What a table must hold of a host's rows: read from the host, overlaid by amendments."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from domain.restores.events import HostRow
from domain.values import Tagged
from projections.verification.amendments import Amendment, amended_columns, amendments
from projections.verification.cells import UNFIT, Cells, Values, expected
from projections.verification.chunks import Chunk, Misfit, Overruled
from projections.verification.errors import NotAHost
from projections.verification.identity import stream_ids
from projections.verification.landmarks import Entry, Landmarks
from projections.verification.links import Links
from projections.verification.logged import logged_cells
from projections.verification.readers import Column, Reader
from projections.verification.readers.base import Row, Wanted
from projections.verification.rules import (
    OPTIONAL_IN_HOST,
    TABLES,
    Computed,
    Constant,
    Rule,
    Source,
    Table,
)
from projections.verification.unfit import plain
from projections.verification.users import lookup_of, name_of

NOT_A_TIME = object()
"""Stands for a value that is no time, in a column of times."""


@dataclass
class HostRows:
    """The rows of one host table, as they must stand in the table `into`.

    Legacy rows stand in the consolidated tables at `shift` + id; in their own, `shift` is 0.
    """

    host: Reader
    log: Landmarks
    into: Table
    of: Table
    zone: ZoneInfo | None
    seen: Callable[[list[Row]], None] | None = None
    """Told of every batch as the host says it."""

    def __post_init__(self) -> None:
        self.shift = 0 if self.of is self.into else self.log.id_offset
        self.names = self.log.names[self.of.origin]
        there = self.host.columns(self.of.name)
        refuse_missing(self.of, there)
        kinds = {rule.column: rule.holds.kind for rule in self.of.rules}
        named = set(self.of.named_in_host)
        self.wanted = [Wanted(c, kinds[c.name] if c.name in named else "verbatim") for c in there]
        self.at = {want.column.name: n for n, want in enumerate(self.wanted)}
        self.extras = [want.column for want in self.wanted if want.kind == "verbatim"]
        self.keep = [self.host.verbatim(column) for column in self.extras]
        self.lookup = lookup_of(self.host, self.of.name) if self.of.subject == "restore" else None
        backups = next(
            t for t in TABLES.values() if (t.origin, t.subject) == (self.of.origin, "backup")
        )
        self.links = Links(self.log.host, backups.name)
        self.odd = {
            want.column.name: self.host.verbatim(want.column)
            for want in self.wanted
            if want.kind not in ("time", "verbatim") and not self.host.is_exact(want)
        }

    @property
    def derives_target(self) -> bool:
        """Whether `target_database` has to be taken from the backup."""
        return self.of.subject == "restore" and "target_database" not in self.at

    def chunks(self) -> Iterator[Chunk]:
        """All rows, in order of the id that they have in the table."""
        for rows in self.host.stream(self.of.name, self.wanted, self.lookup):
            if self.seen is not None:
                self.seen(rows)
            yield self._chunk(rows)

    def _chunk(self, rows: list[Row]) -> Chunk:
        values: list[Values] = list(zip(*rows, strict=True))
        keys = values[self.at["id"]]
        refuse_other_keys(self.of, keys)
        streams = stream_ids(self.log.host, self.of.name, keys)
        raw = [self._raw(rule, values, streams) for rule in self.into.rules]
        columns = [self._cells(rule, said) for rule, said in zip(self.into.rules, raw, strict=True)]
        ids = [key + self.shift for key in keys] if self.shift else list(keys)
        misfits: dict[tuple[int, int], Misfit] = {}
        amended, overruled = self._amend(ids, streams, columns, misfits)
        return Chunk(
            ids,
            columns,
            streams,
            raw,
            overruled,
            amended=amended,
            misfits=misfits,
            kept=self._kept,
        )

    def _raw(self, rule: Rule, values: list[Values], streams: Sequence[str]) -> Values:
        """What the host says for a column, before it is put into cells."""
        source = rule.source(self.of.origin)
        size = len(streams)
        if isinstance(source, Constant):
            return (source.value,) * size
        if isinstance(source, Computed):
            return self._computed(source, values, streams)
        if rule.holds.kind == "extra":
            return self._extra(values, size)
        if source not in self.at:
            return self._derived(values, streams) if source == "target_database" else (None,) * size
        said = values[self.at[source]]
        if source in self.odd:
            said = tuple(map(self.odd[source], said))
        if source == "target_database" and None in said:
            names = self._derived(values, streams)
            return [name if v is None else v for v, name in zip(said, names, strict=True)]
        if self.shift and source in ("id", "source_backup_id"):
            return tuple([v + self.shift if v.__class__ is int else v for v in said])
        return said

    def _computed(self, source: Computed, values: list[Values], streams: Sequence[str]) -> Values:
        """What no column of the host says."""
        match source.what:
            case "stream":
                return streams
            case "version":
                return self.log.versions.of(streams)
            case "backup" if "source_backup_id" in self.at:
                return self.links.of(values[self.at["source_backup_id"]])
            case "username" if self.lookup is not None:
                return tuple(map(name_of, values[-1]))
            case "amended":
                return ("[]",) * len(streams)
        return (None,) * len(streams)

    def _kept(self, number: int, value: Any) -> object:
        """What the host says for a column that cannot hold it, as an event keeps it."""
        rule = self.into.rules[number]
        source = rule.source(self.of.origin)
        if not isinstance(source, str) or source in self.odd or source not in self.at:
            return plain(value)
        column = self.wanted[self.at[source]].column
        if isinstance(value, str) and rule.holds.kind == "time" and self.host.is_time(column):
            return Tagged("time", value)
        return plain(self.host.verbatim(column)(value))

    def _cells(self, rule: Rule, said: Values) -> Cells:
        if is_constant(rule.source(self.of.origin)):
            return expected(rule.holds, said[:1]) * len(said)
        if rule.holds.kind != "time" or rule.column not in self.at:
            return expected(rule.holds, said)
        column = self.wanted[self.at[rule.column]].column
        if not self.host.is_time(column):
            said = [None if v is None else NOT_A_TIME for v in said]
        return expected(rule.holds, said, self.zone if self.host.is_local_time(column) else None)

    def _extra(self, values: list[Values], size: int) -> Values:
        if not self.extras:
            return ("{}",) * size
        names = [column.name for column in self.extras]
        kept = [
            map(keep, values[self.at[name]]) for name, keep in zip(names, self.keep, strict=True)
        ]
        encode = msgspec.json.encode
        rows = zip(*kept, strict=True)
        return tuple([encode(dict(zip(names, row, strict=True))).decode() for row in rows])

    def _derived(self, values: list[Values], streams: Sequence[str]) -> Values:
        """The backup's database name, as the log knew it when the row was last read."""
        if "source_backup_id" not in self.at:
            return [""] * len(streams)
        self.log.learn_backup_names()
        # What is not an integer names no backup.
        backups: list[Any] = [
            v if v.__class__ is int else None for v in values[self.at["source_backup_id"]]
        ]
        since = self.log.first_restore
        names: list[Any] = [
            "" if backup is None else self.names.settled(backup, since) for backup in backups
        ]
        open_ = [n for n, name in enumerate(names) if name is None]
        if open_:
            found = self.log.streams([streams[n] for n in open_])
            for n in open_:
                position = last_read(found.get(streams[n], []))
                # A row that was never read would be read next.
                names[n] = self.names.at(backups[n], position or self.log.position + 1)
        return names

    def _amend(
        self,
        ids: list[int],
        streams: Sequence[str],
        columns: list[Cells],
        misfits: dict[tuple[int, int], Misfit],
    ) -> tuple[bool, list[Overruled]]:
        """Put amended values over the host's; whether there are any, and which it changed since.

        Those that do not fit their columns are put down among the `misfits`.
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
                    misfits[n, number] = Misfit(number, plain(amendment.said), "here")
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


def is_constant(source: Source) -> bool:
    """Whether every row has the same, as far as the host is concerned."""
    return isinstance(source, Constant) or source == Computed("amended")


def last_read(entries: Sequence[Entry]) -> int | None:
    """The position of the event that last said what the host's row holds."""
    return next((at for at, event in reversed(entries) if isinstance(event, HostRow)), None)


def refuse_other_keys(table: Table, keys: Values) -> None:
    """Raise `NotAHost` if a row has no whole number for its id: it names no stream."""
    if set(map(type, keys)) - {int}:
        raise NotAHost(f"whole numbers of 64 bits in every row's {table.name}.id")


def refuse_missing(table: Table, there: Sequence[Column]) -> None:
    """Raise `NotAHost` if the host lacks the table, or a column that it cannot be without."""
    if not there:
        raise NotAHost(f"the table {table.name}")
    names = {column.name for column in there}
    for column in table.named_in_host:
        if column not in names and column not in OPTIONAL_IN_HOST[table.subject]:
            raise NotAHost(f"the column {table.name}.{column}")
