"""The verification: compares all tables with the host, row by row, and checks the log."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from itertools import chain
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from django.db import connections

from domain.catalogue import UnknownTopic
from domain.consolidation.values import ColumnChoices
from domain.messages import NOTHING, Message, remedy
from infrastructure.event_store.chain import MALFORMED
from infrastructure.event_store.errors import UnreadableEvent
from infrastructure.event_store.log import Log
from infrastructure.event_store.verify_log import ChainReport, verify_chain
from projections.verification.actual.readers import (
    HostReader,
    SnapshotReader,
    open_compared_host,
    open_service,
)
from projections.verification.actual.rows import FoundRows
from projections.verification.causes import Causes
from projections.verification.certificate.evidence import Evidence
from projections.verification.chunks import ComparedChunk
from projections.verification.compare import compare, left_over
from projections.verification.differences import Differences, Tally
from projections.verification.errors import CannotVerify, NoHostNamed
from projections.verification.expected.assumptions import Assumption
from projections.verification.expected.copies import compare_copies
from projections.verification.expected.from_host import ExpectedHostRows
from projections.verification.expected.from_moved_host import HostRowsBesideCopies
from projections.verification.expected.from_service import recorded_rows
from projections.verification.expected.moved_rows import CopiedRows, moved_rows
from projections.verification.expected.rows_from_log import LoggedRows
from projections.verification.expected.schema import TABLES, ExpectedTable
from projections.verification.identity import refuse_another_host
from projections.verification.log_index import LogIndex
from projections.verification.state import ProjectionState, projection_states

Progress = Callable[[int, int], None]
"""Called with the number of rows done, and the total."""

Part = ExpectedHostRows | LoggedRows
"""The source of the expected rows of a host's table."""

UNSAID = Message(
    "The log does not record yet how the host's columns and times are read: an older version of "
    "this service wrote it. To record it: ",
    remedy("import"),
)

LIMIT = 1_000
"""How many differences are kept for the output, unless all are requested."""

Places = Mapping[str, str | None]
"""The compared tables by label: the one that is being built, or None for the live one."""


@dataclass
class Verification:
    """The result of a verification. `equal` means that no action is needed."""

    position: int
    chain: ChainReport
    projections: dict[str, ProjectionState]
    differences: Differences
    reading: Message = NOTHING
    """Why the log does not record how the host's columns are read; empty if it does."""
    zone: str | None = None
    """The zone of the host's local times, by the log; None if it is not recorded."""
    choices: ColumnChoices | None = None
    """Which host columns fill which targets, by the log; None if it is not recorded."""
    assumptions: list[Assumption] = field(default_factory=list)
    empty_targets: dict[str, int] = field(default_factory=dict)
    """By label: in how many host rows an empty target database counts as not specified."""
    moved: CopiedRows | None = None
    """The rows that a migration of the host moved; None if none has."""
    legacy_as_certified: bool | None = None
    """After the retirement: whether the log's legacy rows are still those of the last certificate.
    None before it."""
    tables: dict[str, Tally] = field(default_factory=lambda: {label: Tally() for label in TABLES})

    @property
    def equal(self) -> bool:
        return self._sound and self.differences.total == 0

    @property
    def withheld(self) -> set[str]:
        """The streams of the withheld rows."""
        return set().union(*(tally.withheld for tally in self.tables.values()))

    @property
    def quarantined(self) -> int:
        """How many rows are withheld; one that is withheld from two tables counts once."""
        return len(self.withheld)

    @property
    def equal_but_for_quarantine(self) -> bool:
        """Whether only rows that no table can hold differ."""
        return self._sound and self.differences.total == self.differences.by_cause["quarantined"]

    @property
    def _sound(self) -> bool:
        """Whether there are no problems besides differences of rows."""
        sound = all(state.sound for state in self.projections.values())
        certified = self.legacy_as_certified is not False
        return self.chain.ok and sound and certified and not self.reading


def verify(
    source: str,
    *,
    zone: str | None = None,
    limit: int | None = LIMIT,
    using: str = "default",
    progress: Progress | None = None,
    host: HostReader | None = None,
    building: Mapping[str, str] | None = None,
    labels: Collection[str] = TABLES,
    chain: ChainReport | None = None,
    proof: Evidence | None = None,
) -> Verification:
    """Compare the tables of the service on this connection with the host at this URL.

    Reads one consistent snapshot of each database and does not write. `zone` is that of the host's
    naive times: None, or the one in the log. Raises `CannotVerify` if a comparison is not possible.

    `host` is an open snapshot of the host to use instead of a new one. `building` has, by label,
    the names of tables that are still being built and are compared instead of the live ones. Only
    the tables in `labels` are compared. `chain` is a recent result of checking the chain, so that
    it is not checked again. `proof` gathers the evidence for a certificate.

    A table is compared with the expected rows at its own position: events that it has not applied
    yet are not differences; its lag is their number.
    """
    if host is None and not source.strip():
        raise NoHostNamed
    if zone is not None:
        _zone(zone)  # Refuse a wrong name before reading any data.
    chained = chain or verify_chain(Log(using))
    places = {label: (building or {}).get(label) for label in labels}
    try:
        return _read(source, host, zone, limit, using, chained, places, progress, proof)
    except (UnreadableEvent, UnknownTopic, msgspec.DecodeError, *MALFORMED):
        if chained.ok:
            raise
        # The log was changed from outside so that it cannot be read any more.
        if proof is not None:
            proof.host = None  # a part of it may have been compared, but that is not a proof
        return Verification(chained.events, chained, {}, Differences(limit))


def _read(
    source: str,
    host: HostReader | None,
    zone: str | None,
    limit: int | None,
    using: str,
    chained: ChainReport,
    places: Places,
    progress: Progress | None,
    proof: Evidence | None,
) -> Verification:
    settings = connections[using].settings_dict
    lock = tuple(building or TABLES[label].name for label, building in places.items())
    with closing(open_service(settings, lock)) as service:
        log = LogIndex(service)
        log.host  # noqa: B018  (refuses a log without a host)
        naive = zone_of(log, zone)
        with nullcontext(host) if host else closing(open_compared_host(source)) as reader:
            refuse_another_host(log.fingerprints, reader, retired=log.retired is not None)
            states = projection_states(
                log, [label for label, building in places.items() if building]
            )
            result = Verification(log.position, chained, states, Differences(limit))
            result.zone = log.zone or (naive.key if naive else None)
            result.choices = log.choices
            if log.choices is None or log.zone is None:
                result.reading = UNSAID
            if proof is not None:
                proof.begin(reader, log, reader.session.read_from())
            _compare_all(result, log, reader, naive, places, progress, proof)
            return result


def _compare_all(
    result: Verification,
    log: LogIndex,
    host: SnapshotReader,
    zone: ZoneInfo | None,
    places: Places,
    progress: Progress | None,
    proof: Evidence | None,
) -> None:
    result.moved = moved = moved_rows(host, log.same_rows)
    if moved is not None:
        _compare_pairs(result, log, host, zone, moved)
    logs = {log.position: log}
    for state in result.projections.values():
        if state.fits and state.position not in logs:
            logs[state.position] = log.as_of(state.position)
    parts = {
        label: _parts(
            logs.get(result.projections[label].position, log),
            host,
            zone,
            TABLES[label],
            result.projections[label].scope,
            moved,
            retired=log.retired is not None,
        )
        for label in places
    }
    total = _rows_in(log.service, places)
    for label, building in places.items():
        table = TABLES[label]
        found = FoundRows(log.service, table, building)
        if proof is not None:
            proof.attend(table, parts[label], result.tables[label])
        for _ in _compare(log, table, parts[label], found, result, proof):
            if progress:
                progress(sum(tally.found for tally in result.tables.values()), total)
        _note_suppositions(result, parts[label][0])
        _hold_against_certificate(result, log, table, parts[label])


def _compare_pairs(
    result: Verification,
    log: LogIndex,
    host: SnapshotReader,
    zone: ZoneInfo | None,
    moved: CopiedRows,
) -> None:
    """Compare the rows that were moved with their copies."""
    found = compare_copies(host, log, zone, moved, retired=log.retired is not None)
    for label, differences in found.items():
        result.tables[label].host_changed += len(differences)
        for difference in differences:
            result.differences.add(difference)


def _parts(
    log: LogIndex,
    host: SnapshotReader,
    zone: ZoneInfo | None,
    table: ExpectedTable,
    scope: str,
    moved: CopiedRows | None,
    *,
    retired: bool,
) -> list[Part]:
    """The host's tables whose rows are in this one, in order of their ids in it."""
    tables = [table]
    if table.origin == "consolidated" and scope == "all":
        tables += [
            t for t in TABLES.values() if t.subject == table.subject and t.origin == "legacy"
        ]
    return [
        LoggedRows(log, into=table, of=of)
        if retired and of.origin == "legacy"
        else ExpectedHostRows(host, log, into=table, of=of, zone=zone)
        if moved is None
        else HostRowsBesideCopies(host, log, into=table, of=of, zone=zone, moved=moved)
        for of in tables
    ]


def _note_suppositions(result: Verification, own: Part) -> None:
    supposed = own.suppositions
    result.assumptions += supposed.assumptions()
    if supposed.of.subject == "restore":
        result.empty_targets[supposed.of.label] = supposed.empty_targets


def _hold_against_certificate(
    result: Verification, log: LogIndex, table: ExpectedTable, parts: list[Part]
) -> None:
    """After the retirement, check that the log's legacy rows are still the certified ones."""
    if log.retired is None or table.origin != "legacy":
        return
    certified = log.retired.legacy[table.name]
    same = all(
        (part.rows, part.digest) == (certified.rows, certified.log_digest)
        for part in parts
        if isinstance(part, LoggedRows)
    )
    result.legacy_as_certified = same and result.legacy_as_certified is not False


def _compare(
    log: LogIndex,
    table: ExpectedTable,
    parts: list[Part],
    found: FoundRows,
    result: Verification,
    proof: Evidence | None,
) -> Iterator[None]:
    """Compare one table; yields after every batch of rows."""
    tally, differences = result.tables[table.label], result.differences
    causes = Causes(log, table, {part.of.origin for part in parts if part.derives_target})
    recorded = parts[0].log

    def expected() -> Iterator[ComparedChunk]:
        for part in parts:
            for rows in part.chunks():
                tally.overruled.extend(rows.overruled)
                yield rows
        for rows in recorded_rows(recorded, table):
            tally.recorded_here += len(rows.ids)
            yield rows

    for mismatches in chain(compare(expected(), found, tally), left_over(found, tally)):
        for difference in causes.explain(mismatches, tally) if mismatches else ():
            differences.add(difference)
            if proof is not None:
                proof.differs(difference)
        yield


def _rows_in(service: SnapshotReader, places: Places) -> int:
    tables = [building or TABLES[label].name for label, building in places.items()]
    return sum(service.rows(f"SELECT count(*) FROM {table}")[0][0] for table in tables)


def zone_of(log: LogIndex, asked: str | None) -> ZoneInfo | None:
    """The zone of the host's naive times, by the log; None for UTC, which needs no conversion.

    Raises `CannotVerify` if `asked` is another one.
    """
    known, wanted = (None if name is None else _zone(name) for name in (log.zone, asked))
    if log.zone is None:
        return wanted
    if asked is not None and str(wanted) != str(known):
        raise CannotVerify(
            f"The host's times were imported as {log.zone}, and SOURCE_TIME_ZONE is {asked}. Set "
            f"it to {log.zone}; or, if {log.zone} was wrong, correct the imported times: ",
            remedy("import", zone=asked, reason="TEXT"),
        )
    return known


def _zone(name: str) -> ZoneInfo | None:
    """The zone of this name; None for UTC."""
    if name in ("", "UTC", "Etc/UTC", "Universal", "Zulu"):
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise CannotVerify(f"SOURCE_TIME_ZONE is {name!r}, which is not a time zone.") from error
