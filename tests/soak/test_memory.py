"""A million events, and a host of a million rows, in a bounded amount of memory."""

from pathlib import Path

import pytest

from tests.bench.places import migrated as migrated_in
from tests.bench.places import place
from tests.bench.running import run
from tests.sample_host import make_host
from tests.soak.parameters import EVENTS, MEMORY

pytestmark = pytest.mark.soak


def test_importing_rebuilding_and_verifying_a_large_host(vendor, tmp_path: Path, found):
    with place(vendor, tmp_path) as where:
        host, service = where.empty(), migrated_in(where)
        make_host(host, rows=EVENTS // 2, odd_rows=False)
        imported = run("import_host", service, source=host)
        assert imported["rows"] >= EVENTS
        _note(found, vendor, "import", imported)
        _note(found, vendor, "rebuild after it", run("rebuild", service, count=imported["rows"]))
        _note(found, vendor, "verify", run("verify", service, source=host))


def test_rebuilding_a_large_log(vendor, tmp_path: Path, found):
    with place(vendor, tmp_path) as where:
        service = migrated_in(where)
        run("fill", service, count=EVENTS, quick=False)
        _note(found, vendor, "rebuild of mixed events", run("rebuild", service, count=EVENTS))
        _note(found, vendor, "verify_log", run("verify_log", service, count=EVENTS))


def _note(found, vendor: str, what: str, result) -> None:
    peak, seconds = result["peak_memory"], result["seconds"]
    amount = result.get("events") or result["rows"]
    found(
        f"memory: {what}",
        vendor,
        f"{amount:,} in {seconds:.0f} s ({amount / seconds:,.0f}/s), at most {peak / 10**6:.0f} MB",
    )
    assert peak < MEMORY
