"""A host on MariaDB is read past the importer too."""

from datetime import datetime
from pathlib import Path

import pytest

from tests.conftest import fresh
from tests.projections.verification.conftest import ROWS, Service
from tests.projections.verification.test_equal import assert_equal
from tests.sample_host import make_host
from tests.support import mariadb, raw

pytestmark = pytest.mark.system


def imported(templates: dict[str, str], folder: Path, **options: object) -> Service:
    host = mariadb.fresh_database()
    make_host(host, rows=ROWS, **options)  # type: ignore[arg-type]
    service = Service("sqlite", host, fresh(templates, "sqlite", folder))
    service.import_again()
    service.says("cut over")
    service.rebuild()
    return service


@pytest.mark.parametrize("variant", ["standard", "origin", "strange", "bare"])
def test_a_mariadb_host_is_equal(templates: dict[str, str], tmp_path: Path, variant: str) -> None:
    assert_equal(imported(templates, tmp_path, variant=variant).verify())


def test_a_zero_date_is_quarantined(templates: dict[str, str], tmp_path: Path) -> None:
    found = imported(templates, tmp_path, quarantine=3).verify()
    assert found["tables"]["database_management.RestoreLog"]["quarantined"] == 3
    assert {d["cause"] for d in found["differences"]} == {"quarantined"}


def test_a_change_in_a_mariadb_host_is_named(templates: dict[str, str], tmp_path: Path) -> None:
    service = imported(templates, tmp_path)
    raw.execute(
        service.host,
        "UPDATE database_management_restorelog SET started_at = %s ORDER BY id DESC LIMIT 1",
        [datetime(2011, 2, 3, 4, 5, 6, 7)],
    )
    found = service.verify()["differences"]
    assert {d["expected"] for d in found} == {"2011-02-03T04:05:06.000007Z"}
    assert {d["cause"] for d in found} == {"host_changed"}
