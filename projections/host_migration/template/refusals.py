"""What stops a migration."""

from __future__ import annotations

from projections.host_migration.template.constants import (
    ADDS_COLUMN,
    BACKUP_COLUMN,
    COLUMNS,
    TABLES,
    TARGET,
)
from projections.host_migration.template.database import HostDatabase, MoveRefused, limits

# --- The text from here on is the same in every migration. ---

LISTED = 10


def refuse_unlike_copies(
    host: HostDatabase, kind: str, expected: int, ids: tuple[int, int] | None
) -> None:
    """Stop if the copies whose digest is not known yet are not these many, or not as they should
    be, in any column."""
    consolidated = TABLES[kind][1]
    count, *differing = host.found(f"{kind}.compare", ids)[0]
    wrong = [
        f"{consolidated}.{column} differs in {differing[number]} rows"
        for number, column in enumerate(COLUMNS[kind])
        if differing[number]
    ]
    if wrong or count != expected:
        raise MoveRefused(wrong or [f"{consolidated}: {count} rows were written, not {expected}"])


def refuse_other_counts(kind: str, expected: int, **counts: int) -> None:
    """Stop unless these many rows were inserted, and recorded."""
    wrong = [
        f"{TABLES[kind][1]}: {count} rows were {what}, not {expected}"
        for what, count in counts.items()
        if count != expected
    ]
    if wrong:
        raise MoveRefused(wrong)


def refuse_conflicts(host: HostDatabase, kind: str, ids: tuple[int, int] | None) -> None:
    """Stop if a legacy row changed since it was moved, and its copy did, too."""
    found = _listed(
        host, f"{kind}.conflicts", TABLES[kind][0], "changed, and so did the copies", ids
    )
    if found:
        raise MoveRefused(
            found,
            "Make each row and its copy alike (the ids are in restorelog_moved_row), then migrate "
            "again.",
        )


def changed_rows(host: HostDatabase, kind: str, ids: tuple[int, int] | None = None) -> list[str]:
    """Copies that were changed or deleted since."""
    return _listed(host, f"{kind}.changed", TABLES[kind][1], "changed or deleted since", ids)


def changed_targets(host: HostDatabase, ids: tuple[int, int] | None = None) -> list[str]:
    """Rows of the host's own whose derived target database was changed since."""
    restores = TABLES["restore"][1]
    return _listed(host, "filled_changed", restores, f"{TARGET} changed since", ids)


def written_targets(host: HostDatabase) -> list[str]:
    """Values that would be lost with the column."""
    restores = TABLES["restore"][1]
    return _listed(host, "column_used", restores, f"{TARGET} written since") if ADDS_COLUMN else []


def refuse_changes(found: list[str]) -> None:
    if found:
        raise MoveRefused(
            found,
            "Undo these changes; or, if a row is to stay, delete its entry in restorelog_moved_row "
            "or restorelog_filled_row.",
        )


def refuse_references(host: HostDatabase, kind: str, ids: tuple[int, int] | None = None) -> None:
    """Stop if a row that stays refers to one that would go."""
    table, restores = TABLES[kind][1], TABLES["restore"][1]
    keys = {}
    for other, column in host.rows(host.sql["inbound"], [table]):
        # PostgreSQL's catalogue gives tables as SQL spells them.
        quoted = other if host.vendor == "postgresql" else host.quote(other)
        keys[f"{other}.{column}".replace('"', "")] = (quoted, host.quote(column))
    own = f"{restores}.{BACKUP_COLUMN}"
    if kind == "backup":
        keys[own] = (host.quote(restores), host.quote(BACKUP_COLUMN))
    found = []
    for name, (quoted, column) in keys.items():
        which = "own_references" if (kind, name) == ("backup", own) else "references"
        text = host.sql[f"{kind}.{which}"]
        if ids is not None:
            quoted, column = quoted.replace("%", "%%"), column.replace("%", "%%")
        count = host.value(text.format(table=quoted, column=column), limits(text, ids))
        if count:
            found.append(f"{name} refers to moved rows of {table} in {count} rows")
    if found:
        raise MoveRefused(found, "Remove these references, or have them refer to other rows.")


def _listed(
    host: HostDatabase, name: str, table: str, what: str, ids: tuple[int, int] | None = None
) -> list[str]:
    """A line on the rows that a statement finds, with the first ids; none if it finds none."""
    rows = host.found(name, ids)
    if not rows:
        return []
    keys = ", ".join(str(key) for key, _ in rows[:LISTED])
    count = rows[0][1]
    more = ", …" if count > len(rows) else ""
    return [f"{table}: {count} rows {what} (id {keys}{more})"]
