"""There is no state of a row that import, rebuild or amendment cannot leave."""

import random
from uuid import UUID, uuid5

import pytest

from domain.consolidation.consolidation import CONSOLIDATION_ID, Consolidation
from domain.values import Tagged
from infrastructure.event_store.log import Log
from infrastructure.recording import restores
from projections.engine.catch_up import catch_up
from tests.infrastructure.hosts.tiny import (
    CONSOLIDATED,
    CONSOLIDATED_BACKUPS,
    DEFAULTS,
    LEGACY,
    LEGACY_BACKUPS,
    TinyHost,
)
from tests.support import consolidation, here, postgres, raw

LABELS = {LEGACY: "database_management.RestoreLog", CONSOLIDATED: "system_backups.RestoreLog"}
BACKUPS = {LEGACY: LEGACY_BACKUPS, CONSOLIDATED: CONSOLIDATED_BACKUPS}
ROWS, KEY, BACKUP = 30, 23, 11
UNFIT = {
    "text": "'eleven'",
    "digits": "'x11'",
    "fraction": "11.5",
    "bytes": "x'3131'",
    "uuid": "'0b0b0b0b-1111-4222-8333-444444444444'",
    "document": "'{\"backup\": 11}'",
}


class Ward:
    """A host with one row whose backup is no integer, and what can be done about it."""

    def __init__(self, url: str, table: str, kind: str) -> None:
        self.host = TinyHost(url)
        self.host.fill(ROWS)
        self.table, self.kind = table, kind
        self.amended: dict[str, bool] = {}
        """By column: whether what was amended fits it."""
        self.host_fits = self.host_has = True

    def host_breaks(self) -> None:
        declared = {"uuid": "uuid", "document": "jsonb"}.get(self.kind)
        if declared is None:
            self.host.execute(
                f"UPDATE {self.table} SET source_backup_id = {UNFIT[self.kind]} WHERE id = {KEY}"
            )
        else:
            # Of all rows, but those without a backup have none.
            self.host.execute(f"ALTER TABLE {self.table} DROP COLUMN source_backup_id")
            self.host.execute(f"ALTER TABLE {self.table} ADD COLUMN source_backup_id {declared}")
            self.host.execute(
                f"UPDATE {self.table} SET source_backup_id = {UNFIT[self.kind]} WHERE id = {KEY}"
            )
        self.host_fits = False

    def host_repairs(self) -> None:
        if self.kind in ("uuid", "document"):
            self.host.execute(f"ALTER TABLE {self.table} DROP COLUMN source_backup_id")
            self.host.execute(f"ALTER TABLE {self.table} ADD COLUMN source_backup_id bigint")
            self.host.execute(f"UPDATE {self.table} SET source_backup_id = id")
        else:
            self.host.execute(f"UPDATE {self.table} SET source_backup_id = {KEY} WHERE id = {KEY}")
        self.host_fits = True

    def host_deletes(self) -> None:
        self.host.execute(f"DELETE FROM {self.table} WHERE id = {KEY}")
        self.host_has = False

    def host_restores(self) -> None:
        if self.host_has:
            return
        self.host.add(self.table, KEY, **DEFAULTS[self.table] | {"name": "again"})
        self.host_has = True
        if self.host_fits:
            self.host_repairs()
        else:
            self.host_breaks()

    def host_id(self) -> UUID:
        found = Consolidation.from_events(CONSOLIDATION_ID, Log().stream(CONSOLIDATION_ID))
        assert found.host_id is not None
        return found.host_id

    def amends(self, **changes: object) -> None:
        """Correct the row; `backup` stands for a real backup of the host's."""
        backup = changes.pop("backup", None)
        restores.amend_restore(
            Log(),
            uuid5(self.host_id(), f"{self.table}:{KEY}"),
            changes,  # type: ignore[arg-type]
            actor="ada",
            reason="as the paper says",
            backup_id=uuid5(self.host_id(), f"{BACKUPS[self.table]}:{BACKUP}") if backup else None,
        )
        catch_up()

    def amends_the_backup(self) -> None:
        self.amends(backup=True)
        self.amended["source_backup_id"] = True

    def takes_the_backup_away(self) -> None:
        self.amends(source_backup_id=None)
        self.amended["source_backup_id"] = True

    def amends_the_name(self) -> None:
        self.amends(name="by hand")
        self.amended["name"] = True

    def amends_the_name_too_long(self) -> None:
        self.amends(name="n" * 256)
        self.amended["name"] = False

    def amends_a_time(self) -> None:
        self.amends(completed_at=Tagged("time", "2031-02-03 04:05:06"))
        self.amended["completed_at"] = True

    def amends_a_time_that_is_none(self) -> None:
        self.amends(completed_at=Tagged("time", "yesterday"))
        self.amended["completed_at"] = False

    @property
    def unfit(self) -> set[str]:
        """The columns that keep the row out."""
        columns = {column for column, fits in self.amended.items() if not fits}
        if not self.host_fits and "source_backup_id" not in self.amended:
            columns.add("source_backup_id")
        return columns if self.host_has else set()

    def import_host(self) -> None:
        done = here.run("import_host", "--json", source=self.host.url)
        assert done.json["tables"][LABELS[self.table]]["quarantined"] == bool(self.unfit)

    def is_compared(self) -> None:
        """Verification says of the row what is true of it, and nothing of any other."""
        found = here.run("verify", "--json", "--all", source=self.host.url, check=False)
        said = {
            (one["pk"] % 10**9, one["column"], one["cause"]) for one in found.json["differences"]
        }
        assert {(pk, cause) for pk, _, cause in said} == (
            {(KEY, "quarantined")} if self.unfit else set()
        )
        assert {column for _, column, _ in said} <= self.unfit
        assert found.code == bool(self.unfit)

    def rows_there(self, database: str) -> list[raw.Row]:
        columns = "source_backup_id, name, amended"
        return raw.rows(database, f"SELECT {columns} FROM {self.table} WHERE id = {KEY}")


@pytest.fixture(params=[
    ("sqlite", "text"), ("sqlite", "fraction"), ("sqlite", "bytes"),
    ("postgresql", "uuid"), ("postgresql", "document"),
], ids="-".join)  # fmt: skip
def host_and_kind(request: pytest.FixtureRequest, tmp_path: object) -> tuple[str, str]:
    vendor, kind = request.param
    if vendor == "sqlite":
        return f"sqlite:///{tmp_path}/host.sqlite3", kind
    return postgres.fresh_database(), kind


@pytest.fixture
def cut_over() -> bool:
    """Is it after a cut-over? Tests parametrise it."""
    return False


@pytest.fixture
def ward(vendor: str, host_and_kind: tuple[str, str], cut_over: bool) -> Ward:
    """Its table is one of two: with any two of database, kind and state, both are tried."""
    url, kind = host_and_kind
    second = (vendor == "sqlite") ^ (list(UNFIT).index(kind) % 2 == 1) ^ cut_over
    return Ward(url, CONSOLIDATED if second else LEGACY, kind)


def test_an_amendment_leads_out_of_quarantine_and_stays(database: str, ward: Ward):
    ward.host_breaks()
    ward.import_host()
    ward.is_compared()
    assert ward.rows_there(database) == []

    ward.amends_the_backup()
    ward.is_compared()
    amended = [(BACKUP, "nightly", '["source_backup_id"]')]
    assert ward.rows_there(database) == amended
    here.run("rebuild")
    assert ward.rows_there(database) == amended
    ward.is_compared()

    ward.host_repairs()
    ward.import_host()
    assert ward.rows_there(database) == amended
    ward.is_compared()

    ward.amends_the_name_too_long()
    ward.is_compared()
    assert ward.rows_there(database) == []
    here.run("rebuild")
    ward.import_host()
    ward.is_compared()
    ward.amends_the_name()
    ward.is_compared()
    assert ward.rows_there(database) == [(BACKUP, "by hand", '["name","source_backup_id"]')]


def rebuilds(_: Ward) -> None:
    here.run("rebuild")


STEPS = (
    Ward.host_breaks, Ward.host_repairs, Ward.host_deletes, Ward.host_restores,
    Ward.amends_the_backup, Ward.takes_the_backup_away, Ward.amends_the_name,
    Ward.amends_the_name_too_long, Ward.amends_a_time, Ward.amends_a_time_that_is_none, rebuilds,
)  # fmt: skip


@pytest.mark.parametrize("cut_over", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    "host_and_kind", [("sqlite", "digits"), ("postgresql", "uuid")], indirect=True
)
def test_however_it_came_about_a_row_can_be_brought_back(database: str, ward: Ward, cut_over: bool):
    ward.import_host()
    if cut_over:
        consolidation.say("cut over")
        here.run("rebuild")
    dice = random.Random(f"{cut_over} {ward.table} {ward.kind}")
    for step in dice.choices(STEPS, k=12):
        step(ward)
        ward.import_host()
        ward.is_compared()
    ward.host_restores()
    ward.import_host()
    ward.amends_the_backup()
    ward.amends_the_name()
    ward.amends_a_time()
    ward.is_compared()
    assert not ward.unfit
    listed = '["completed_at","name","source_backup_id"]'
    assert ward.rows_there(database) == [(BACKUP, "by hand", listed)]
    here.run("rebuild")
    assert ward.rows_there(database) == [(BACKUP, "by hand", listed)]
    ward.is_compared()
