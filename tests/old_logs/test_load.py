"""An upgrade of an old log ends with the same events, chained as they were."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections

from tests.conftest import use
from tests.old_logs.load import HOSTS, STATES, certificate, load_host, load_log
from tests.support import here, postgres, raw

EVENTS = {("plan", "imported"): 38, ("plan", "cut_over"): 40,
          ("origin", "imported"): 30, ("origin", "cut_over"): 32}  # fmt: skip


@pytest.fixture
def empty(vendor: str, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database; Django's default connection is on it."""
    sqlite = f"sqlite:///{tmp_path / 'service.sqlite3'}"
    url = sqlite if vendor == "sqlite" else postgres.fresh_database()
    use(url)
    yield url
    connections.close_all()
    if vendor == "postgresql":
        postgres.drop_database(url)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("host", HOSTS)
def test_an_old_log_is_migrated_and_its_chain_holds(empty: str, host: str, state: str):
    load_log(host, state, empty)
    before = raw.rows(empty, "SELECT position, hash FROM event_store_event ORDER BY position")
    here.run("migrate", "--verbosity=0")
    after = raw.rows(empty, "SELECT position, hash FROM event_store_event ORDER BY position")
    assert after == before
    assert len(before) == EVENTS[host, state]
    assert here.run("verify_log", "--json").json["ok"] is True


@pytest.mark.parametrize("host", HOSTS)
def test_its_host_holds_what_was_imported_last(tmp_path: Path, host: str):
    source = load_host(host, tmp_path / "host.sqlite3")
    signed = json.loads(certificate(host, "imported", "sqlite").read_text())["certificate"]
    for table, facts in signed["host_tables"].items():
        assert raw.value(source, f"SELECT count(*) FROM {table}") == facts["rows"]
