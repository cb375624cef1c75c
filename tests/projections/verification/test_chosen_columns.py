"""Host columns that somebody chose: what is not shown of them stands in `extra`, verbatim."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from infrastructure.hosts.columns import spelled_decisions
from tests.conftest import fresh
from tests.projections.verification.conftest import ROWS, Service, empty
from tests.sample_host import make_host
from tests.support import postgres, raw

LABEL, TABLE = "database_management.RestoreLog", "database_management_restorelog"
TIME = {"sqlite": "datetime", "postgresql": "timestamp with time zone"}
CHOICES = [
    ("completed_at", TIME, "completed_at"),
    ("duration_seconds", "bigint", "duration_seconds + 1"),
    ("created_by_id", "varchar(20)", "'nobody'"),
    ("created_by_id", "numeric(6,2)", "1.5"),
    ("created_by_id", "bigint", "created_by_id"),
    ("message", "text", "'other ' || message"),
]
"""Targets, with the type of a host's further column that fills it, and what it says."""


def extras(service: Service) -> dict[int, dict[str, Any]]:
    """What no column shows, by the row's id in the legacy table."""
    return {
        key: json.loads(extra) if isinstance(extra, str) else extra
        for key, extra in service.rows(f"SELECT id, extra FROM {TABLE}")
    }


@pytest.mark.parametrize(("target", "types", "value"), CHOICES)
def test_of_two_columns_that_fill_one_the_second_is_kept_as_the_host_has_it(
    service: Service, target: str, types: Any, value: str
):
    before = extras(service)
    declared = types[service.vendor] if isinstance(types, dict) else types
    raw.execute(service.host, f"ALTER TABLE {TABLE} ADD COLUMN other {declared}")
    raw.execute(service.host, f"UPDATE {TABLE} SET other = {value} WHERE id % 2 = 0")
    service.import_again(
        decisions=spelled_decisions([f"{LABEL}.{target}=other,{target}"]), reason="it says more"
    )
    assert service.verify()["equal"]
    host = raw.rows(service.host, f"SELECT id, other, {target} FROM {TABLE}")
    said = {key: (other, own) for key, other, own in host}
    assert {other is not None for other, _ in said.values()} == {True, False}
    for key, extra in extras(service).items():
        other, own = said[key]
        kept = {} if other is None or own is None else {target: own}
        assert extra.keys() == {*before[key], *kept}
        if isinstance(own, int | str) and target != "completed_at":
            assert {name: extra[name] for name in kept} == kept


@pytest.mark.parametrize("value", ["varchar(20)", "numeric(6,2)", "text"])
def test_a_creator_that_no_user_s_key_can_be_has_no_name(service: Service, value: str):
    raw.execute(service.host, f"ALTER TABLE {TABLE} ADD COLUMN other {value}")
    raw.execute(service.host, f"UPDATE {TABLE} SET other = created_by_id WHERE id % 2 = 0")
    names = f"SELECT id, created_by_username FROM {TABLE}"
    before = dict(service.rows(names))
    decision = f"{LABEL}.created_by_id=other,created_by_id"
    service.import_again(decisions=spelled_decisions([decision]), reason="it says more")
    assert service.verify()["equal"]
    after = dict(service.rows(names))
    assert any(before.values())
    assert after == {key: None if key % 2 == 0 else name for key, name in before.items()}


BACKUPS, BACKUP_TABLE = "database_management.BackupLog", "database_management_backuplog"


def test_names_of_databases_may_come_from_another_column_of_the_backups(service: Service):
    raw.execute(service.host, f"ALTER TABLE {BACKUP_TABLE} ADD COLUMN other varchar(100)")
    decisions = [f"{LABEL}.target_database=-"]
    service.import_again(decisions=spelled_decisions(decisions), reason="it is never filled")
    assert service.verify()["equal"]
    targets = f"SELECT id, target_database FROM {TABLE}"
    first = dict(service.rows(targets))
    raw.execute(service.host, f"UPDATE {BACKUP_TABLE} SET other = 'of ' || id WHERE id % 2 = 0")
    service.import_again()
    assert service.verify()["equal"]
    assert dict(service.rows(targets)) == first
    decisions = [f"{BACKUPS}.database_name=other,database_name"]
    service.import_again(decisions=spelled_decisions(decisions), reason="it is kept up")
    assert service.verify()["equal"]
    backups = dict(raw.rows(service.host, f"SELECT id, source_backup_id FROM {TABLE}"))
    second = dict(service.rows(targets))
    assert any(backups.values())
    known = {key for (key,) in raw.rows(service.host, f"SELECT id FROM {BACKUP_TABLE}")}
    assert second == {
        key: f"of {backups[key]}" if backups[key] in known and backups[key] % 2 == 0 else name
        for key, name in first.items()
    }


def test_a_name_that_a_backup_lost_stays_in_its_restores(
    vendor: str, templates: dict[str, str], tmp_path: Path
):
    service = Service(vendor, empty(vendor, tmp_path), fresh(templates, vendor, tmp_path))
    make_host(service.host, rows=ROWS)
    raw.execute(service.host, f"ALTER TABLE {TABLE} DROP COLUMN target_database")
    raw.execute(service.host, f"ALTER TABLE {BACKUP_TABLE} ADD COLUMN other varchar(100)")
    service.import_again()
    service.says("cut over")
    service.rebuild()
    targets = f"SELECT id, target_database FROM {TABLE} ORDER BY id"
    before = service.rows(targets)
    assert any(name for _, name in before)
    raw.execute(service.host, f"UPDATE {BACKUP_TABLE} SET database_name = ''")
    service.import_again()
    decisions = spelled_decisions([f"{BACKUPS}.database_name=database_name,other"])
    service.import_again(decisions=decisions, reason="it is kept up")
    raw.execute(service.host, f"UPDATE {TABLE} SET message = 'again' WHERE id % 2 = 0")
    service.import_again()
    assert service.verify()["equal"]
    assert service.rows(targets) == before
    connections.close_all()
    for url in (service.host, service.url):
        if vendor == "postgresql":
            postgres.drop_database(url)
