"""What a verification reads, how far, and what its verdict is made of."""

from contextlib import closing
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from api.remedies import at_terminal
from domain.consolidation.events import Retired
from domain.consolidation.values import LegacyDigest
from domain.events import Metadata
from infrastructure.event_store.codec import new_event
from infrastructure.event_store.errors import UnreadableEvent
from infrastructure.event_store.log import Log
from infrastructure.event_store.verify_log import ChainReport
from infrastructure.hosts.connecting.errors import HostUnreachable
from infrastructure.recording import restores
from projections.engine.catch_up import catch_up
from projections.verification.actual.readers import open_compared_host
from projections.verification.certificate.evidence import Evidence
from projections.verification.differences import Cause, Difference, Differences, Tally
from projections.verification.errors import (
    CannotVerify,
    NoHostNamed,
    NotTheImportedHost,
)
from projections.verification.state import ProjectionState
from projections.verification.verify import Verification, verify
from tests.conftest import use
from tests.projections.verification.conftest import ROWS, Made, Service
from tests.support import forging, raw

TABLES = (
    "database_management_backuplog",
    "database_management_restorelog",
    "system_backups_backuplog",
    "system_backups_restorelog",
)
WHOLE = ChainReport(True, 7, "ab", None, "")
CURRENT = ProjectionState("system_backups.RestoreLog", "all", 1, 7, 0, "", True, "all")


# --- the verdict ----------------------------------------------------------------------------


def verdict(
    *causes: Cause, chain: ChainReport = WHOLE, state: ProjectionState = CURRENT, **more: Any
) -> tuple[bool, bool]:
    """Whether that is equal, and whether it is equal but for quarantine."""
    differences = Differences(None)
    for cause in causes:
        differences.add(Difference("system_backups.RestoreLog", 1, "name", "a", "b", cause))
    found = Verification(7, chain, {state.label: state}, differences, **more)
    return found.equal, found.equal_but_for_quarantine


def test_nothing_found_is_equal():
    assert verdict() == (True, True)


def test_a_projection_that_lags_is_equal():
    assert verdict(state=replace(CURRENT, lag=3)) == (True, True)


@pytest.mark.parametrize("cause", ["projection_wrong", "host_changed"])
def test_one_difference_is_not_equal(cause):
    assert verdict(cause) == (False, False)


def test_what_is_quarantined_is_told_apart_from_what_differs():
    assert verdict("quarantined") == (False, True)
    assert verdict("quarantined", "host_changed") == (False, False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"chain": ChainReport(False, 3, "ab", 4, "its hash is wrong")},
        {"state": replace(CURRENT, fits=False)},
        {"state": replace(CURRENT, error="it stopped")},
        {"legacy_as_certified": False},
    ],
)
def test_what_is_wrong_with_no_row_is_not_equal_either(wrong):
    assert verdict(**wrong) == (False, False)


def test_legacy_tables_that_are_as_certified_are_equal():
    assert verdict(legacy_as_certified=True) == (True, True)


def test_a_row_that_is_kept_out_of_two_tables_counts_once():
    found = Verification(7, WHOLE, {}, Differences(None))
    assert found.quarantined == 0
    found.tables["system_backups.RestoreLog"] = Tally(withheld={"a", "b"})
    found.tables["database_management.RestoreLog"] = Tally(withheld={"b", "c"})
    assert found.quarantined == 3


# --- what is refused ------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["", " \n"])
def test_no_source_names_no_host(source):
    with pytest.raises(NoHostNamed):
        verify(source)


@pytest.mark.parametrize("zone", ["Mars/Phobos", "../UTC"])
def test_a_zone_that_is_none_is_refused_by_its_name(zone):
    with pytest.raises(CannotVerify, match=f"SOURCE_TIME_ZONE is '{zone}'"):
        verify("sqlite:///nowhere", zone=zone)


def test_another_host_is_not_compared(service: Service):
    service.host_sql("UPDATE django_migrations SET name = 'other' WHERE id = 1")
    with pytest.raises(NotTheImportedHost):
        at(service)


def test_a_host_that_goes_away_is_unreachable(made: Made, vendor: str):
    service = made(vendor)
    host = open_compared_host(service.host)
    host.close()
    with pytest.raises(HostUnreachable):
        at(service, source="", host=host)


# --- what is read ---------------------------------------------------------------------------


def at(service: Service, *, source: str | None = None, **options: Any) -> Verification:
    """What is found of this service."""
    use(service.url)
    try:
        return verify(service.host if source is None else source, **options)
    finally:
        connections.close_all()


def count(service: Service, table: str) -> int:
    ((rows,),) = service.rows(f"SELECT count(*) FROM {table}")
    return rows


def test_progress_is_told_of_all_rows_until_they_are_done(made: Made, vendor: str):
    service = made(vendor)
    told: list[tuple[int, int]] = []
    found = at(service, zone="", progress=lambda *so_far: told.append(so_far))
    rows = sum(count(service, table) for table in TABLES)
    assert found.equal
    assert found.legacy_as_certified is None
    assert {total for _, total in told} == {rows}
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[0][0] == count(service, TABLES[0])
    assert told[-1] == (rows, rows)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_the_host_is_read_as_the_log_says(made: Made, vendor: str, zone: str):
    service = made(vendor, zone=zone)
    found = at(service)
    assert (found.equal, found.zone, str(found.reading)) == (True, zone, "")
    assert found.choices is not None
    assert found.choices["database_management.RestoreLog"]["name"].sources == ("name",)
    with pytest.raises(CannotVerify) as refused:
        at(service, zone="Asia/Kolkata")
    assert refused.value.message.said(at_terminal) == (
        f"The host's times were imported as {zone}, and SOURCE_TIME_ZONE is Asia/Kolkata. Set it "
        f"to {zone}; or, if {zone} was wrong, correct the imported times: "
        "manage.py import_host --zone Asia/Kolkata --reason TEXT"
    )


@pytest.mark.parametrize("topic", ["ZoneChosen", "ColumnsChosen"])
def test_what_a_log_does_not_say_of_the_reading_is_said_to_be_missing(service: Service, topic: str):
    forging.forge(
        service.url, f"DELETE FROM event_store_event WHERE topic = 'consolidation.{topic}'"
    )
    for zone in ("Asia/Kolkata", "UTC", None) if topic == "ZoneChosen" else ("UTC",):
        found = at(service, chain=WHOLE, zone=zone)
        known = "Asia/Kolkata" if zone == "Asia/Kolkata" else None
        assert found.zone == (known if topic == "ZoneChosen" else "UTC")
        assert str(found.reading).startswith("The log does not record yet")


def test_a_thousand_differences_are_kept_unless_all_are_asked_for(service: Service):
    words = "name status restore_type trigger_type target_database message created_by_id extra"
    times = "started_at completed_at created_at updated_at"
    changes = [f"{column} = 'changed'" for column in words.split()]
    changes += [f"{column} = '1999-01-01 00:00:00'" for column in times.split()]
    changes += ["duration_seconds = 123456", "is_overwrite = NOT is_overwrite"]
    raw.execute(service.url, f"UPDATE system_backups_restorelog SET {', '.join(changes)}")
    found = at(service)
    assert found.differences.total == 14 * 2 * ROWS
    assert len(found.differences.kept) == 1_000
    assert len(at(service, limit=None).differences.kept) == 14 * 2 * ROWS


def test_a_chain_that_was_walked_just_now_is_not_walked_again(made: Made, vendor: str):
    found = at(made(vendor), chain=WHOLE, labels=["system_backups.BackupLog"])
    assert found.chain is WHOLE


def test_only_the_tables_that_are_named_are_compared(service: Service):
    raw.execute(service.url, "UPDATE database_management_restorelog SET name = 'changed'")
    found = at(service, labels=["system_backups.BackupLog"])
    assert found.equal
    assert {label for label, tally in found.tables.items() if tally.found} == {
        "system_backups.BackupLog"
    }


def test_a_snapshot_of_somebody_elses_is_read_and_left_open(made: Made, vendor: str):
    service = made(vendor)
    with closing(open_compared_host(service.host)) as host:
        assert at(service, source="", host=host).equal
        assert host.rows("SELECT 1") == [(1,)]


def test_a_proof_is_shown_what_was_compared(made: Made, vendor: str):
    service = made(vendor, bad=8)
    proof = Evidence()
    found = at(service, proof=proof)
    ((position, head),) = service.rows("SELECT position, hash FROM event_store_head")
    assert (proof.position, proof.chain_head) == (position, bytes(head))
    assert {name: seen.rows for name, seen in proof.host_tables.items()} == {
        table: raw.value(service.host, f"SELECT count(*) FROM {table}") for table in TABLES
    }
    assert [kept.pk for kept in proof.withheld] == [
        *range(900_000_000, 900_000_008),
        *range(10**12 + 900_000_000, 10**12 + 900_000_008),
    ]
    assert found.quarantined == 8
    assert found.equal_but_for_quarantine


def test_a_table_that_is_being_built_is_meant_in_place_of_the_one_that_is_read(service: Service):
    rows = count(service, "system_backups_backuplog")
    raw.execute(service.url, "CREATE TABLE trial AS SELECT * FROM system_backups_backuplog")
    service.sql("DELETE FROM trial WHERE id = (SELECT max(id) FROM trial)")
    columns = "label, scope, projector_version, position, hash, rows, created_at, digest, error"
    service.sql(
        f"INSERT INTO engine_generation (state, {columns}) SELECT 'building', {columns}"
        " FROM engine_generation WHERE label = 'system_backups.BackupLog' AND state = 'live'"
    )
    told: list[tuple[int, int]] = []
    found = at(
        service,
        building={"system_backups.BackupLog": "trial"},
        progress=lambda *so_far: told.append(so_far),
    )
    (difference,) = found.differences.kept
    assert (difference.table, difference.column) == ("system_backups.BackupLog", "")
    assert found.tables["system_backups.BackupLog"].found == rows - 1
    assert told[-1][0] == told[-1][1]
    assert at(service).equal


def test_what_was_recorded_and_amended_here_is_counted_apart(service: Service):
    last = "(SELECT max(id) FROM database_management_restorelog)"
    ((stream,),) = service.rows(
        f"SELECT restore_id FROM database_management_restorelog WHERE id = {last}"
    )
    use(service.url)
    log = Log()
    restores.request_restore(log, name="new", actor="ada")
    restores.request_restore(log, name="newer", actor="ada", restore_type="files")
    restores.amend_restore(
        log, UUID(str(stream)), {"message": "really"}, actor="ada", reason="a test"
    )
    catch_up()
    service.host_sql(
        f"UPDATE database_management_restorelog SET message = 'again' WHERE id = {last}"
    )
    found = at(service)
    assert found.equal
    legacy, consolidated = (
        found.tables[f"{app}.RestoreLog"] for app in ("database_management", "system_backups")
    )
    assert (legacy.recorded_here, consolidated.recorded_here) == (1, 2)
    assert [said.amended for said in legacy.overruled] == ["t6:really"]
    assert [said.amended for said in consolidated.overruled] == ["t6:really"]


# --- how far --------------------------------------------------------------------------------


def test_a_table_is_held_against_the_position_that_it_has_come_to(service: Service):
    use(service.url)
    restores.request_restore(Log(), name="new", actor="ada")
    connections.close_all()
    found = at(service)
    assert found.equal
    assert {state.lag for state in found.projections.values()} == {1}

    # A checkpoint that is not of this log says nothing of how far the table has come.
    service.sql(
        "UPDATE engine_generation SET position = position - 1"
        " WHERE label = 'system_backups.RestoreLog' AND state = 'live'"
    )
    (difference,) = at(service).differences.kept
    assert (difference.table, difference.expected) == ("system_backups.RestoreLog", "new")


def test_what_the_host_says_of_a_target_since_it_was_imported_is_the_hosts_change(
    service: Service,
):
    service.host_sql(
        "UPDATE database_management_restorelog SET target_database = 'moved'"
        " WHERE id = (SELECT max(id) FROM database_management_restorelog)"
    )
    found = at(service)
    assert [(d.table, d.expected, d.cause) for d in found.differences.kept] == [
        ("database_management.RestoreLog", "moved", "host_changed"),
        ("system_backups.RestoreLog", "moved", "host_changed"),
    ]


def test_a_log_that_was_changed_beyond_reading_is_found_by_its_chain(service: Service):
    forging.unlock(service.url)
    service.sql("UPDATE event_store_event SET state = ? WHERE position = 1", b"{}")
    found = at(service)
    assert (found.chain.ok, found.chain.first_bad) == (False, 1)
    assert (found.position, found.projections, found.differences.total) == (0, {}, 0)
    assert not found.equal
    with pytest.raises(UnreadableEvent):
        at(service, chain=WHOLE)


# --- after the migration was retired --------------------------------------------------------


def retire(service: Service, **wrong: LegacyDigest) -> Verification:
    """Retire with the legacy tables' digests by the log, or these; the host drops the tables."""
    proof = Evidence()
    at(service, proof=proof)
    legacy = {
        table: LegacyDigest(
            rows=proof.host_tables[table].rows, digest="", log_digest=proof.log_digests[table]
        )
        for table in TABLES[:2]
    }
    use(service.url)
    event = Retired(
        originator_id=UUID(int=9),
        originator_version=1,
        metadata=Metadata(actor="ada"),
        certificate="",
        legacy={**legacy, **wrong},
    )
    Log().append([new_event(event)])
    connections.close_all()
    cascade = " CASCADE" if service.vendor == "postgresql" else ""
    for table in reversed(TABLES[:2]):
        raw.execute(service.host, f"DROP TABLE {table}{cascade}")
    return at(service)


def test_a_retired_hosts_legacy_rows_are_the_logs(service: Service):
    found = retire(service)
    assert found.legacy_as_certified is True
    assert found.equal
    assert found.tables["database_management.RestoreLog"].expected == ROWS
    assert found.tables["system_backups.RestoreLog"].expected == 2 * ROWS
    service.host_sql(
        "UPDATE system_backups_restorelog SET name = 'changed'"
        " WHERE id = (SELECT max(id) FROM system_backups_restorelog)"
    )
    (difference,) = at(service).differences.kept
    assert (difference.expected, difference.cause) == ("changed", "host_changed")


@pytest.mark.parametrize("table", TABLES[:2])
def test_a_legacy_table_that_is_not_what_was_certified_is_not_equal(service: Service, table: str):
    found = retire(service, **{table: LegacyDigest(rows=ROWS, digest="", log_digest="other")})
    assert found.legacy_as_certified is False
    assert found.differences.total == 0
    assert not found.equal
