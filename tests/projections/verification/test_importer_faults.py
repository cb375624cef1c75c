"""Faults planted in the importer's readers are found, since verification reads by itself."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module
from types import NoneType
from typing import Any

import pytest
from django.db import connections

from domain.values import Tagged
from infrastructure.hosts.errors import RowsMissing
from infrastructure.hosts.importing.importer import import_host
from infrastructure.hosts.importing.rows import HostRows
from projections.engine.rebuild import rebuild
from tests.conftest import fresh, use
from tests.projections.verification.conftest import Made, Service
from tests.support.consolidation import say


def imported_with(
    made: Made,
    templates: dict[str, str],
    vendor: str,
    tmp_path: Any,
    variant: str = "standard",
) -> dict[str, Any]:
    """What verify says of the host when it is imported anew by the importer as it is now."""
    service = Service(vendor, made(vendor, variant).host, fresh(templates, vendor, tmp_path))
    use(service.url)
    import_host(service.host, actor="tests")
    say("cut over")
    rebuild()
    connections.close_all()
    return service.verify()


def _an_hour_off(text: str) -> Tagged:
    try:
        moment = datetime.fromisoformat(text) + timedelta(hours=1)
    except (ValueError, OverflowError):
        return Tagged("time", text)
    return Tagged("time", moment.isoformat(" "))


def _without_microseconds(text: str) -> Tagged:
    return Tagged("time", re.sub(r"\.\d+", "", text))


@pytest.mark.parametrize("fault", [_an_hour_off, _without_microseconds])
def test_a_fault_in_reading_times_is_found(
    made: Made,
    templates: dict[str, str],
    vendor: str,
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
    fault: Callable[[str], Tagged],
) -> None:
    reader = import_module(f"infrastructure.hosts.readers.{vendor}")
    # Else the host's own fingerprint would be read wrongly, and verify would not begin.
    honest = made(vendor).rows("SELECT state FROM event_store_event WHERE position = 1")[0][0]
    known = json.loads(bytes(honest))["fingerprint"]
    monkeypatch.setattr(
        "infrastructure.hosts.importing.import_run.fingerprint", lambda reader: known
    )
    monkeypatch.setitem(reader.CONVERSIONS, ("time", str), fault)
    found = imported_with(made, templates, vendor, tmp_path)
    assert found["equal"] is False
    columns = {d["column"] for d in found["differences"]}
    assert columns == {"started_at", "completed_at", "created_at", "updated_at"}


def test_an_importer_that_reads_empty_text_for_null_is_found(
    made: Made,
    templates: dict[str, str],
    vendor: str,
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader = import_module(f"infrastructure.hosts.readers.{vendor}")
    made(vendor, "strange")
    monkeypatch.setitem(reader.CONVERSIONS, ("text", NoneType), lambda value: "")
    found = imported_with(made, templates, vendor, tmp_path, "strange")
    assert found["equal"] is False
    assert {d["column"] for d in found["differences"]} >= {"extra"}


def test_an_importer_that_skips_a_row_is_found(
    made: Made,
    templates: dict[str, str],
    vendor: str,
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made(vendor)
    honest = HostRows.read

    def read(self: Any, table: Any, states: Any) -> Any:
        for number, row in enumerate(honest(self, table, states)):
            if number != 3:
                yield row

    monkeypatch.setattr(HostRows, "read", read)
    found = imported_with(made, templates, vendor, tmp_path)
    assert {counts["missing"] for counts in found["tables"].values()} == {1, 2}


def test_a_reader_that_skips_a_row_stops_the_import(
    made: Made,
    templates: dict[str, str],
    vendor: str,
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader = import_module(f"infrastructure.hosts.readers.{vendor}")
    name = "SQLiteReader" if vendor == "sqlite" else "PostgreSQLReader"
    made(vendor)
    honest = getattr(reader, name).rows

    def rows(self: Any, query: Any) -> Any:
        for number, row in enumerate(honest(self, query)):
            if number != 3:
                yield row

    monkeypatch.setattr(getattr(reader, name), "rows", rows)
    with pytest.raises(RowsMissing, match=r"10 rows by count.*, and 9 were read"):
        imported_with(made, templates, vendor, tmp_path)
