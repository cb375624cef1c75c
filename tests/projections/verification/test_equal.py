"""What was imported and rebuilt by the rules is equal to the host."""

from typing import Any

import pytest

from projections.verification.errors import CannotVerify
from tests.projections.verification.conftest import ROWS, Made, Service

NOTHING = {"missing": 0, "unexpected": 0, "differing": 0, "quarantined": 0, "host_changed": 0}


def assert_equal(found: dict[str, Any]) -> None:
    assert found["differences"] == []
    assert found["equal"] is True
    for counts in found["tables"].values():
        assert counts == {**counts, **NOTHING}
        assert counts["expected"] == counts["found"]
        assert counts["digest_expected"] == counts["digest_found"]


@pytest.mark.parametrize("variant", ["standard", "origin", "strange", "bare"])
def test_what_was_imported_is_equal_to_the_host(made: Made, vendor: str, variant: str) -> None:
    found = made(vendor, variant).verify()
    assert_equal(found)
    assert found["tables"]["database_management.RestoreLog"]["expected"] == ROWS
    assert found["tables"]["system_backups.RestoreLog"]["expected"] == 2 * ROWS


def test_before_the_cut_over_the_consolidated_table_holds_its_own_rows_only(
    service: Service,
) -> None:
    service.says("rolled back")
    service.rebuild()
    found = service.verify()
    assert_equal(found)
    assert found["tables"]["system_backups.RestoreLog"]["expected"] == ROWS


def test_naive_local_times_are_equal_when_the_zone_is_known(made: Made, vendor: str) -> None:
    assert_equal(made(vendor, zone="Europe/Berlin").verify())


def test_naive_local_times_are_not_read_in_another_zone_than_the_log_names(copies: Made) -> None:
    service = copies("sqlite", zone="Europe/Berlin")
    service.zone = "America/New_York"
    with pytest.raises(CannotVerify, match=r"Europe/Berlin.*America/New_York"):
        service.verify()


def test_it_says_where_the_log_stands(made: Made, vendor: str) -> None:
    service = made(vendor)
    found = service.verify()
    ((position, head),) = service.rows("SELECT position, hash FROM event_store_head")
    assert found["position"] == position
    assert found["chain_head"] == bytes(head).hex()


def test_a_row_read_in_small_batches_is_the_same(
    made: Made, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = f"projections.verification.actual.readers.{vendor}"
    monkeypatch.setattr(f"{module}.BATCH_ROWS", 7)
    monkeypatch.setattr(f"{module}.BATCH_BYTES", 1000)
    assert_equal(made(vendor, "strange").verify())
