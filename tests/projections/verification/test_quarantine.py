"""Rows that no column can hold are counted and named, and stand nowhere."""

import pytest

from tests.projections.verification.conftest import ROWS, Made


@pytest.mark.parametrize("bad", [8])
def test_quarantined_rows_are_named_with_their_column(made: Made, vendor: str, bad: int) -> None:
    found = made(vendor, bad=bad).verify()
    assert found["equal"] is False
    legacy = found["tables"]["database_management.RestoreLog"]
    assert legacy["quarantined"] == bad
    assert legacy["expected"] == legacy["found"] == ROWS
    assert found["tables"]["system_backups.RestoreLog"]["quarantined"] == bad
    assert {d["cause"] for d in found["differences"]} == {"quarantined"}
    assert len(found["differences"]) == 2 * bad
    first = found["differences"][0]
    column = {"sqlite": "name", "postgresql": "completed_at"}[vendor]
    assert (first["pk"], first["column"]) == (900_000_000, column)
    assert first["expected"] is not None


def test_a_quarantined_row_that_stands_in_the_table_is_found(copies: Made, vendor: str) -> None:
    service = copies(vendor, bad=8)
    ((pk,),) = service.rows("SELECT max(id) FROM database_management_restorelog")
    service.sql("UPDATE database_management_restorelog SET id = 900000000 WHERE id = ?", pk)
    counts = service.verify()["tables"]["database_management.RestoreLog"]
    assert counts["unexpected"] == 1
    assert counts["missing"] == 1


def test_a_time_in_the_digits_of_another_script_is_quarantined_and_nothing_else(
    copies: Made,
) -> None:
    service = copies("sqlite")  # whose columns of times hold any text
    service.host_sql(
        "UPDATE system_backups_restorelog SET created_at = '2021-03-28 00:59:59.١٢٣٤٥٦' "
        "WHERE id = (SELECT max(id) FROM system_backups_restorelog)"
    )
    service.import_again()
    (difference,) = service.verify()["differences"]
    assert (difference["column"], difference["cause"]) == ("created_at", "quarantined")
