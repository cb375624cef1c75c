"""The check computes of every kind of host the very rows that the service shows of it."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from domain.values import Tagged
from tests.conftest import use
from tests.projections.verification.conftest import Made, Service
from tests.projections.verification.test_amended import amend, legacy_row, record
from tests.support import checking, here


def checked(service: Service, key: Path, folder: Path, *, log: bool = True) -> dict[str, Any]:
    """What the check says of a certificate that the service writes now."""
    files = [str(folder / name) for name in ("certificate.json", "rows.ndjson", "events.ndjson")]
    use(service.url)
    here.run(
        *("verify", "--certificate", files[0], "--export", files[1], "--export-events", files[2]),
        source=service.host,
        zone=service.zone,
        check=False,
    )
    connections.close_all()
    checking.host_digests(service.host, folder / "host.json")
    done = checking.check_here(
        *(files[0], "--public-key", key, "--rows", files[1]),
        *("--host-digests", folder / "host.json", "--json"),
        *(("--events", files[2]) if log else ()),
    )
    said: dict[str, Any] = json.loads(done.out)
    return said | {"code": done.code}


NO_ANCHOR = ["whether the log has grown from one that was kept elsewhere (--anchor)"]


@pytest.mark.parametrize("variant", ["standard", "bare", "strange", "origin"])
def test_of_every_sample_host(
    made: Made, vendor: str, variant: str, public_key: Path, tmp_path: Path
):
    service = made(vendor, variant, bad=3)
    for log in (False, True):
        said = checked(service, public_key, tmp_path, log=log)
        assert (said["code"], said["refused"]) == (0, None)
    assert said["not_checked"] == NO_ANCHOR


def test_with_amended_rows(service: Service, public_key: Path, tmp_path: Path):
    _, stream = legacy_row(service)
    amend(service, stream, message="what really happened", trigger_type="recovery")
    amend(service, stream, started_at=Tagged("time", "2024-02-29T11:00:00.000001+00:00"))
    amend(service, stream, source_backup_id=None, duration_seconds=None, status="partial")
    for log in (False, True):
        said = checked(service, public_key, tmp_path, log=log)
        assert (said["code"], said["refused"], said["equal"]) == (0, None, True)
        assert ("14 values amended here" in said["not_checked"]) is not log


def test_with_rows_recorded_here(service: Service, public_key: Path, tmp_path: Path):
    record(service)
    said = checked(service, public_key, tmp_path)
    assert (said["code"], said["refused"], said["equal"]) == (0, None, True)
    assert said["not_checked"] == NO_ANCHOR


def test_a_table_that_is_wrong_is_genuine_as_long_as_it_is_said(
    service: Service, public_key: Path, tmp_path: Path
):
    service.sql("UPDATE system_backups_restorelog SET status = 'lost' WHERE id = 1")
    service.sql(
        "DELETE FROM database_management_restorelog"
        " WHERE id = (SELECT min(id) FROM database_management_restorelog)"
    )
    said = checked(service, public_key, tmp_path)
    assert (said["code"], said["refused"], said["equal"]) == (0, None, False)


def test_so_is_a_host_that_moved_on(service: Service, public_key: Path, tmp_path: Path):
    service.host_sql("UPDATE system_backups_restorelog SET status = 'lost' WHERE id = 1")
    said = checked(service, public_key, tmp_path)
    assert (said["code"], said["refused"], said["equal"]) == (0, None, False)


def test_of_a_host_with_local_times(made: Made, vendor: str, public_key: Path, tmp_path: Path):
    said = checked(made(vendor, zone="America/New_York"), public_key, tmp_path)
    assert (said["code"], said["refused"]) == (0, None)
