"""A million legacy rows moved in the host in batches, on PostgreSQL, and taken back."""

from pathlib import Path

import pytest

from tests.soak.host_rows import there_and_back

pytestmark = pytest.mark.soak
BATCH = 2_000


# The service is on SQLite: it only writes the migration.
@pytest.mark.parametrize("vendor", ["sqlite"])
def test_time_wal_locks_and_waits_in_batches(database: str, vendor: str, tmp_path: Path, found):
    there_and_back(database, tmp_path, found, batches=BATCH)
