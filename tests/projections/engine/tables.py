"""The service's tables as the database's own driver reads them."""

from typing import Any

from django.db import connection

from projections.engine.dialects import table_dialect
from projections.engine.generations import digest_of
from projections.engine.models import GenerationState
from projections.engine.registry import PROJECTIONS
from tests.support import raw

TABLES = {
    "database_management.RestoreLog": "database_management_restorelog",
    "database_management.BackupLog": "database_management_backuplog",
    "system_backups.RestoreLog": "system_backups_restorelog",
    "system_backups.BackupLog": "system_backups_backuplog",
}
"""The tables with a row for each stream."""
VERSIONS = "row_versions_restoreversion"
SUMS = "statistics_restoresums"
LABELS = (*TABLES, "row_versions.RestoreVersion", "statistics.RestoreSums")
"""Every projection, also those that no certificate covers."""


def contents(url: str) -> dict[str, list[raw.Row]]:
    """Every row of every projection, by label, in order of id."""
    return {
        label: raw.rows(url, f"SELECT * FROM {table} ORDER BY id")
        for label, table in TABLES.items()
    }


def live_digest(label: str) -> str | None:
    """The digest of a projection's live table, as it is now."""
    dialect, projection = table_dialect(connection), PROJECTIONS[label]
    return digest_of(dialect, dialect.place(projection.model, projection.key, GenerationState.LIVE))


def generations(url: str) -> list[tuple[str, str]]:
    """Label and state of every generation there is."""
    found = raw.rows(url, "SELECT label, state FROM engine_generation ORDER BY label, state")
    return [(label, state) for label, state in found]


def leftovers(url: str) -> list[Any]:
    """Names of tables that a rebuild has left behind."""
    if url.startswith("sqlite"):
        query = "SELECT name FROM sqlite_master WHERE name LIKE 'engine_building%'"
    else:
        query = "SELECT tablename FROM pg_tables WHERE schemaname = 'engine_building'"
    return raw.rows(url, query)


def schema(url: str) -> list[raw.Row]:
    """What stands in the database's catalogue for the four tables: names and definitions.

    Without the search indexes, which are made later than the rest: see `tests/api/test_search.py`.
    """
    if url.startswith("sqlite"):
        return raw.rows(
            url,
            "SELECT type, name, tbl_name, sql FROM sqlite_master"
            " WHERE tbl_name IN (SELECT name FROM sqlite_master WHERE name LIKE '%log'"
            " AND name NOT LIKE 'engine%') AND name NOT GLOB '*log_search*'"
            " AND name NOT GLOB '*log_long' ORDER BY type, name",
        )
    found = []
    for query in (
        "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
        " AND tablename LIKE '%log' AND indexname !~ '_(search|long|exact)$' ORDER BY 1, 2",
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text LIKE '%log'"
        " ORDER BY 1, 2",
        "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1",
        "SELECT table_name, column_name, ordinal_position, data_type, is_nullable, column_default,"
        " character_maximum_length FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name LIKE '%log' ORDER BY 1, 3",
    ):
        found += raw.rows(url, query)
    return found
