"""A million legacy rows moved in the host in one transaction, on PostgreSQL, and taken back."""

from pathlib import Path

import pytest

from tests.soak.host_rows import there_and_back

pytestmark = pytest.mark.soak


# The service is on SQLite: it only writes the migration.
@pytest.mark.parametrize("vendor", ["sqlite"])
def test_time_wal_locks_and_waits(database: str, vendor: str, tmp_path: Path, found):
    there_and_back(database, tmp_path, found, batches=0)
