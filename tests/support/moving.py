"""What a migration of the host does to its tables, by plain SQL: legacy rows get copies with new
ids in the consolidated tables, and the host's record says which row is the copy of which."""

from typing import Any

from tests.support import raw

LEGACY = "database_management_restorelog"
CONSOLIDATED = "system_backups_restorelog"
LEGACY_BACKUPS = "database_management_backuplog"
CONSOLIDATED_BACKUPS = "system_backups_backuplog"
TABLES = {"restore": (LEGACY, CONSOLIDATED), "backup": (LEGACY_BACKUPS, CONSOLIDATED_BACKUPS)}
RECORD = """
    CREATE TABLE restorelog_moved_row (
        kind varchar(16) NOT NULL,
        legacy_id bigint NOT NULL,
        consolidated_id bigint NOT NULL,
        moved_at {time} NOT NULL,
        PRIMARY KEY (kind, legacy_id),
        UNIQUE (kind, consolidated_id)
    )
"""
FILLED = """
    CREATE TABLE restorelog_filled_row (
        consolidated_id bigint NOT NULL PRIMARY KEY,
        target_database varchar(255) NOT NULL,
        was varchar(255) NULL
    )
"""
NOTE = """
    INSERT INTO restorelog_moved_row (kind, legacy_id, consolidated_id, moved_at)
    SELECT '{kind}', l.id,
        (SELECT coalesce(max(t.id), 0) FROM {to} AS t)
            + {step} * row_number() OVER (ORDER BY l.id {order}),
        CURRENT_TIMESTAMP
    FROM {of} AS l
    WHERE {wanted} AND NOT EXISTS (
        SELECT 1 FROM restorelog_moved_row AS m WHERE m.kind = '{kind}' AND m.legacy_id = l.id
    )
"""
COPY = """
    INSERT INTO {to} (id, {columns})
    SELECT m.consolidated_id, {values}
    FROM {of} AS l
    JOIN restorelog_moved_row AS m ON m.kind = '{kind}' AND m.legacy_id = l.id
    LEFT JOIN restorelog_moved_row AS b ON b.kind = 'backup' AND {backup} = b.legacy_id
    LEFT JOIN {of_backups} AS d ON {backup} = d.id
    WHERE NOT EXISTS (SELECT 1 FROM {to} AS t WHERE t.id = m.consolidated_id)
"""
FILL = """
    INSERT INTO restorelog_filled_row (consolidated_id, target_database, was)
    SELECT t.id, d.database_name, t.target_database
    FROM {to} AS t JOIN {backups} AS d ON d.id = t.source_backup_id
    WHERE coalesce(t.target_database, '') = '' AND coalesce(d.database_name, '') <> ''
"""
WRITE = """
    UPDATE {to} SET target_database = (
        SELECT f.target_database FROM restorelog_filled_row AS f WHERE f.consolidated_id = {to}.id
    ) WHERE id IN (SELECT f.consolidated_id FROM restorelog_filled_row AS f)
"""


def columns(url: str, table: str) -> list[str]:
    """The table's columns, in order; none if there is no such table."""
    if url.startswith("sqlite"):
        return [name for (name,) in raw.rows(url, f"SELECT name FROM pragma_table_info('{table}')")]
    named = raw.rows(
        url,
        "SELECT column_name FROM information_schema.columns "
        f"WHERE table_name = '{table}' ORDER BY ordinal_position",
    )
    return [name for (name,) in named]


def move(url: str) -> None:
    """Run the migration: move everything, and fill in the target databases of the other rows."""
    begin(url)
    raw.execute(url, FILL.format(to=CONSOLIDATED, backups=CONSOLIDATED_BACKUPS))
    raw.execute(url, WRITE.format(to=CONSOLIDATED))
    move_rest(url)


def begin(url: str) -> None:
    """Make the record, and the column."""
    time = "datetime" if url.startswith("sqlite") else "timestamptz"
    raw.execute(url, RECORD.format(time=time))
    raw.execute(url, FILLED)
    if "target_database" not in columns(url, CONSOLIDATED):
        raw.execute(
            url,
            f"ALTER TABLE {CONSOLIDATED} ADD COLUMN target_database varchar(100) "
            "DEFAULT '' NOT NULL",
        )


def move_rest(url: str, order: str = "DESC") -> None:
    """Move the legacy rows that were not moved yet; not in the order of their ids."""
    named = f"EXISTS (SELECT 1 FROM {LEGACY} AS r WHERE r.source_backup_id = l.id)"
    for kind, wanted in (("backup", named), ("restore", "1 = 1")):
        of, to = TABLES[kind]
        raw.execute(url, NOTE.format(kind=kind, of=of, to=to, wanted=wanted, order=order, step=3))
        filling = _filling(url, kind)
        raw.execute(
            url,
            COPY.format(
                kind=kind,
                of=of,
                to=to,
                of_backups=LEGACY_BACKUPS,
                backup="l.source_backup_id" if kind == "restore" else "NULL",
                columns=", ".join(filling),
                values=", ".join(filling.values()),
            ),
        )


def carry_over(url: str, legacy_id: int) -> None:
    """Write a legacy restore's values to its copy, as the next move does."""
    copy = copy_of(url, legacy_id)
    raw.execute(url, f"DELETE FROM {CONSOLIDATED} WHERE id = {copy}")
    move_rest(url)


def move_back(url: str) -> None:
    """Take the migration back; the host had no column for the target database."""
    for kind, (_, to) in TABLES.items():
        raw.execute(
            url,
            f"DELETE FROM {to} WHERE id IN "
            f"(SELECT consolidated_id FROM restorelog_moved_row WHERE kind = '{kind}')",
        )
    raw.execute(url, f"ALTER TABLE {CONSOLIDATED} DROP COLUMN target_database")
    forget(url)


def forget(url: str) -> None:
    """Drop the record, so that nothing tells which row is a copy."""
    for table in ("restorelog_moved_row", "restorelog_filled_row"):
        raw.execute(url, f"DROP TABLE {table}")


def drop_legacy_tables(url: str) -> None:
    for table in (LEGACY, LEGACY_BACKUPS):
        raw.execute(url, f"DROP TABLE {table}")


def copy_of(url: str, legacy_id: int, kind: str = "restore") -> int:
    """The id of a legacy row's copy."""
    found: int = raw.value(
        url,
        "SELECT consolidated_id FROM restorelog_moved_row "
        f"WHERE kind = '{kind}' AND legacy_id = {legacy_id}",
    )
    return found


def _filling(url: str, kind: str) -> dict[str, str]:
    """What fills each column of the consolidated table, as SQL."""
    of, to = TABLES[kind]
    own = columns(url, of)
    special: dict[str, Any] = {}
    if kind == "restore":
        no = "0" if url.startswith("sqlite") else "false"
        special = {
            "source_backup_id": "b.consolidated_id",
            "restore_type": "'database'",
            "trigger_type": "l.restore_method",
            "target_database": "CASE WHEN coalesce(l.target_database, '') = '' "
            "THEN coalesce(d.database_name, '') ELSE l.target_database END",
            "is_overwrite": "l.is_overwrite" if "is_overwrite" in own else no,
        }
    return {
        name: special.get(name, f"l.{name}")
        for name in columns(url, to)
        if name != "id" and (name in own or name in special)
    }
