"""What all four tables must hold, worked out from the host and from what was acknowledged.

An independent computation: the host's tables are read with its own driver, what was recorded
here is a list of acknowledgements (`tests.journey.recorder` prints them), and the rules are
written down here once more. Nothing of the service is imported.

Only two things are taken from the service's database, both of them from the log and never from
a table under test: the host's random UUID, and how many events each stream has.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from tests.support import raw

OFFSET = 10**12
"""A legacy row stands in the consolidated tables at this plus its id; ours at twice this plus
the position of its first event."""

UNHOLDABLE_FROM = 900_000_000
"""The sample host's rows that no table can hold have ids from here on."""

TABLES = {
    "database_management.RestoreLog": "database_management_restorelog",
    "database_management.BackupLog": "database_management_backuplog",
    "system_backups.RestoreLog": "system_backups_restorelog",
    "system_backups.BackupLog": "system_backups_backuplog",
}
LEGACY_RESTORES, LEGACY_BACKUPS, RESTORES, BACKUPS = TABLES

COLUMNS = {
    LEGACY_RESTORES: (
        "id", "name", "source_backup_id", "status", "restore_method", "target_database",
        "started_at", "completed_at", "duration_seconds", "message", "created_by_id",
        "created_at", "updated_at", "restore_id", "backup_id", "created_by_username", "origin",
        "version", "amended", "extra",
    ),
    RESTORES: (
        "id", "name", "source_backup_id", "status", "restore_type", "trigger_type",
        "target_database", "is_overwrite", "started_at", "completed_at", "duration_seconds",
        "message", "created_by_id", "created_at", "updated_at", "restore_id", "backup_id",
        "created_by_username", "origin", "version", "amended", "extra", "validation",
        "warnings_count",
    ),
    BACKUPS: (
        "id", "name", "backup_type", "status", "database_name", "file_path", "size_bytes",
        "created_at", "updated_at", "backup_id", "origin", "version", "extra",
    ),
}  # fmt: skip
COLUMNS[LEGACY_BACKUPS] = COLUMNS[BACKUPS]
TIMES = frozenset({"started_at", "completed_at", "created_at", "updated_at"})
UUIDS = frozenset({"restore_id", "backup_id"})
SHOWN = 8

Row = dict[str, Any]
Table = dict[int, Row]
Said = Mapping[str, Any]
"""One acknowledged write: see `tests.journey.recorder`."""


@dataclass
class Host:
    """A host at one moment: each table's rows by id, every column as its driver gives it."""

    legacy_restores: Table = field(default_factory=dict)
    legacy_backups: Table = field(default_factory=dict)
    restores: Table = field(default_factory=dict)
    backups: Table = field(default_factory=dict)
    usernames: dict[str, str] = field(default_factory=dict)


def read_host(url: str, before: Host | None = None) -> Host:
    """The host as it is now. With `before`, its legacy tables are not read but as they were."""
    host = Host() if before is None else Host(before.legacy_restores, before.legacy_backups)
    if before is None:
        host.legacy_restores = _all(url, "database_management_restorelog")
        host.legacy_backups = _all(url, "database_management_backuplog")
    host.restores = _all(url, "system_backups_restorelog")
    host.backups = _all(url, "system_backups_backuplog")
    host.usernames = {str(k): n for k, n in raw.rows(url, "SELECT id, username FROM auth_user")}
    return host


def _all(url: str, table: str) -> Table:
    with raw.connect(url) as connection:
        cursor = connection.cursor()
        cursor.execute(f"SELECT * FROM {table} ORDER BY id")
        names = [column[0] for column in cursor.description]
        found = {row[names.index("id")]: dict(zip(names, row, strict=True)) for row in cursor}
        cursor.close()
    return found


@dataclass
class Log:
    """What the log alone knows: whose it is, and how many events each stream has."""

    host_id: UUID
    versions: dict[str, int]

    def stream(self, table: str, key: int) -> str:
        return str(uuid5(self.host_id, f"{table}:{key}"))


def read_log(url: str) -> Log:
    ((state,),) = raw.rows(
        url, "SELECT state FROM event_store_event WHERE topic = 'consolidation.HostAdopted'"
    )
    counted = "SELECT stream_id, max(stream_version) FROM event_store_event GROUP BY stream_id"
    return Log(
        UUID(json.loads(bytes(state))["host_id"]),
        {str(UUID(str(stream))): version for stream, version in raw.rows(url, counted)},
    )


def expected(host: Host, said: Sequence[Said], log: Log, scope: str) -> dict[str, Table]:
    """Every row of every table, by label and id, with the consolidated tables in this scope."""
    tables: dict[str, Table] = {label: {} for label in TABLES}
    backups = _recorded_backups(said)
    for key, row in host.legacy_backups.items():
        shown = _host_backup(row, "legacy", log.stream("database_management_backuplog", key))
        tables[LEGACY_BACKUPS][key] = shown
        if scope == "all":
            tables[BACKUPS][OFFSET + key] = {**shown, "id": OFFSET + key}
    for key, row in host.backups.items():
        stream = log.stream("system_backups_backuplog", key)
        tables[BACKUPS][key] = _host_backup(row, "consolidated", stream)
    for backup in backups.values():
        tables[BACKUPS][backup["id"]] = backup
        if backup["backup_type"] != "files":
            tables[LEGACY_BACKUPS][backup["id"]] = backup
    for restore in _restores(host, said, log):
        if restore["origin"] != "legacy" or scope == "all":
            tables[RESTORES][restore["id"]] = _consolidated(restore)
        if restore["origin"] == "legacy" or (
            restore["origin"] == "recorded" and restore["restore_type"] == "database"
        ):
            row = _legacy(restore)
            tables[LEGACY_RESTORES][row["id"]] = row
    for label, table in tables.items():
        key_column = "backup_id" if label.endswith("BackupLog") else "restore_id"
        for row in table.values():
            row["version"] = log.versions[row[key_column]]
    return tables


def _host_backup_ref(log: Log, origin: str, key: Any) -> Row:
    if key is None:
        return {"backup_id": None, "legacy_backup": None, "backup": None}
    app = "database_management" if origin == "legacy" else "system_backups"
    return {
        "backup_id": log.stream(f"{app}_backuplog", key),
        "legacy_backup": key if origin == "legacy" else None,
        "backup": OFFSET + key if origin == "legacy" else key,
    }


def _host_backup(row: Row, origin: str, stream: str) -> Row:
    named = set(COLUMNS[BACKUPS])
    return {
        **{c: shown(c, row.get(c)) for c in COLUMNS[BACKUPS]},
        "backup_id": stream,
        "origin": origin,
        "extra": _extra(row, named),
    }


def _host_restores(host: Host, log: Log) -> Iterable[Row]:
    """The host's rows that a table can hold, with the columns of both tables."""
    named = {"id", "name", "source_backup_id", "status", "target_database", "started_at",
             "completed_at", "duration_seconds", "message", "created_by_id", "created_at",
             "updated_at"}  # fmt: skip
    for origin, rows, backups, own in (
        ("legacy", host.legacy_restores, host.legacy_backups, {"restore_method"}),
        ("consolidated", host.restores, host.backups,
         {"restore_type", "trigger_type", "is_overwrite"}),
    ):  # fmt: skip
        app = "database_management" if origin == "legacy" else "system_backups"
        for key, row in rows.items():
            if key >= UNHOLDABLE_FROM:
                continue
            restore = {c: shown(c, row.get(c)) for c in named | own}
            if origin == "legacy":
                restore["trigger_type"] = restore.pop("restore_method")
                restore.update(restore_type="database", is_overwrite=False)
            restore["unspecified"] = restore["target_database"] == ""
            if not restore["target_database"]:
                backup = backups.get(row["source_backup_id"], {})
                restore["target_database"] = backup.get("database_name") or ""
            restore.update(_host_backup_ref(log, origin, row["source_backup_id"]))
            restore.update(
                id=OFFSET + key if origin == "legacy" else key,
                restore_id=log.stream(f"{app}_restorelog", key),
                created_by_username=host.usernames.get(str(row["created_by_id"])),
                origin=origin,
                amended=set(),
                extra=_extra(row, named | own),
            )
            yield restore


def _extra(row: Row, named: set[str]) -> str:
    """What else the host knows of the row, in its order: JSON where JSON is exact, else tagged."""
    return _as_json({name: value for name, value in row.items() if name not in named})


def _as_json(values: Row) -> str:
    return json.dumps(
        {name: _verbatim(value) for name, value in values.items()},
        ensure_ascii=False,
        separators=(",", ":"),
    )


def _verbatim(value: Any) -> Any:
    if isinstance(value, float):
        return {"$": "float", "v": repr(value)}
    assert value is None or isinstance(value, bool | int | str), value
    return value


def _said_of_backup(one: Said, verification: str | None) -> str:
    """What a backup's row says of it without a column for it."""
    extra = {name: one[name] for name in ("checksum", "format", "contents") if one[name]}
    if verification is not None:
        extra["verification"] = verification
    return json.dumps(extra, ensure_ascii=False, separators=(",", ":"))


def _recorded_backups(said: Sequence[Said]) -> dict[str, Row]:
    """The backups that were registered here, by UUID."""
    found: dict[str, Row] = {}
    registered: dict[str, Said] = {}
    for one in said:
        match one["what"]:
            case "register":
                registered[one["backup_id"]] = one
                found[one["backup_id"]] = {
                    **{c: one[c] for c in ("name", "backup_type", "status", "database_name",
                                           "file_path", "size_bytes", "backup_id")},
                    "id": 2 * OFFSET + one["position"],
                    "created_at": moment(one["at"]),
                    "updated_at": moment(one["at"]),
                    "origin": "recorded",
                    "extra": _said_of_backup(one, None),
                }  # fmt: skip
            case "verify":
                extra = _said_of_backup(registered[one["backup_id"]], one["result"])
                found[one["backup_id"]].update(extra=extra, updated_at=moment(one["at"]))
            case "expire":
                found[one["backup_id"]].update(status="expired", updated_at=moment(one["at"]))
    return found


def _recorded_restores(said: Sequence[Said]) -> Iterable[Row]:
    """The restores that were requested here, before anything happened to them."""
    for one in said:
        if one["what"] == "request":
            yield {
                **{c: one[c] for c in ("name", "restore_type", "trigger_type", "target_database",
                                       "is_overwrite", "message", "restore_id", "backup_id",
                                       "legacy_backup", "backup")},
                "id": 2 * OFFSET + one["position"],
                "status": "pending",
                "started_at": None,
                "completed_at": None,
                "duration_seconds": None,
                "created_by_id": one["requested_by"],
                "created_by_username": one["actor"],
                "created_at": moment(one["at"]),
                "updated_at": moment(one["at"]),
                "origin": "recorded",
                "amended": set(),
                "extra": _as_json(one["attributes"]),
                "validation": None,
                "warnings_count": None,
            }  # fmt: skip


def _since(said: Sequence[Said]) -> dict[str, list[Said]]:
    """What was acknowledged about each restore after it had come to be, in order."""
    found: dict[str, list[Said]] = {}
    for one in said:
        if one["what"] in ("start", "complete", "fail", "cancel", "validate", "amend"):
            found.setdefault(one["restore_id"], []).append(one)
    return found


def _follow(restore: Row, said: Iterable[Said]) -> Row:
    """The restore after all of this."""
    for one in said:
        when = moment(one["at"])
        match one["what"]:
            case "start":
                restore.update(status="in_progress", started_at=when, updated_at=when)
            case "complete" | "fail" | "cancel":
                _end(restore, one, when)
            case "validate":
                restore.update(validation=one["result"], updated_at=when)
            case "amend":
                _amend(restore, one)
                if restore["origin"] == "recorded":
                    restore["updated_at"] = when
    return restore


def _restores(host: Host, said: Sequence[Said], log: Log) -> Iterable[Row]:
    """Every restore there is, whichever table it stands in, with the columns of both."""
    since = _since(said)
    for restore in (*_host_restores(host, log), *_recorded_restores(said)):
        yield _follow(restore, since.get(restore["restore_id"], ()))


def _end(restore: Row, one: Said, when: str | None) -> None:
    status = {"complete": one.get("outcome"), "fail": "failed", "cancel": "cancelled"}[one["what"]]
    restore.update(status=status, message=one["message"], updated_at=when)
    restore["warnings_count"] = one.get("warnings_count")
    if restore["warnings_count"] is None:  # nobody counted: those that are listed are counted
        restore["warnings_count"] = len(one.get("warnings", ())) or None
    began = restore["started_at"]
    if status == "cancelled" and began is None:
        return
    restore["completed_at"] = when
    took = datetime.fromisoformat(str(when)) - datetime.fromisoformat(began)
    restore["duration_seconds"] = took // timedelta(seconds=1) if took >= timedelta(0) else None


def _amend(restore: Row, one: Said) -> None:
    for column, value in one["changes"].items():
        if column in TIMES:
            value = None if value is None else moment(value)
        restore["amended"].add(column)
        if column == "source_backup_id":
            restore.update({c: one[c] for c in ("backup_id", "legacy_backup", "backup")})
        else:
            restore[column] = value


def _consolidated(restore: Row) -> Row:
    row = {**restore, "source_backup_id": restore["backup"]}
    row["amended"] = json.dumps(sorted(restore["amended"]), separators=(",", ":"))
    return {column: row.get(column) for column in COLUMNS[RESTORES]}


def _legacy(restore: Row) -> Row:
    """The same restore as the legacy table says it: no types, no overwrite, nothing partial."""
    row = {**restore, "source_backup_id": restore["legacy_backup"]}
    if restore["origin"] == "legacy":
        row["id"] = restore["id"] - OFFSET
    if row["status"] == "partial" and (
        restore["origin"] == "recorded" or "status" in restore["amended"]
    ):
        row["status"] = "completed"
    if restore.get("unspecified") and "target_database" not in restore["amended"]:
        row["target_database"] = ""  # as the host has it; the other table takes it for none
    row["restore_method"] = restore["trigger_type"]
    amended = restore["amended"] - {"is_overwrite", "trigger_type"}
    if "trigger_type" in restore["amended"]:
        amended |= {"restore_method"}
    row["amended"] = json.dumps(sorted(amended), separators=(",", ":"))
    return {column: row.get(column) for column in COLUMNS[LEGACY_RESTORES]}


def shown(column: str, value: Any) -> Any:
    """A driver's value in one form for all databases: times in UTC, UUIDs as text."""
    if value is None:
        return None
    if column in TIMES:
        return moment(value)
    if column in UUIDS:
        return str(UUID(str(value)))
    if column == "is_overwrite":
        return bool(value)
    return str(value) if column == "created_by_id" else value


def moment(value: Any) -> str:
    when = datetime.fromisoformat(value) if isinstance(value, str) else value
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return str(when.astimezone(UTC).isoformat(timespec="microseconds"))


def found(url: str) -> dict[str, Table]:
    """What the service's tables hold, read in one snapshot of its database."""
    with raw.connect(url) as connection:
        cursor = connection.cursor()
        if url.startswith("sqlite"):
            cursor.execute("BEGIN")
        else:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            # Before the snapshot, or a table that came later would look empty.
            connection.execute(f"LOCK TABLE {', '.join(TABLES.values())} IN ACCESS SHARE MODE")
        tables = {}
        for label, table in TABLES.items():
            cursor.execute(f"SELECT {', '.join(COLUMNS[label])} FROM {table}")
            tables[label] = {row[0]: _as_shown(label, row) for row in cursor.fetchall()}
        cursor.close()
    return tables


def _as_shown(label: str, values: Sequence[Any]) -> Row:
    return {c: shown(c, v) for c, v in zip(COLUMNS[label], values, strict=True)}


def differences(must: Mapping[str, Table], does: Mapping[str, Table]) -> list[str]:
    """The first differences, a line each; none if every row of every table is as it must be."""
    lines = []
    for label in TABLES:
        wanted, there = must[label], does[label]
        lines += [f"{label} {key} is missing" for key in sorted(wanted.keys() - there.keys())]
        lines += [f"{label} {key} is too much" for key in sorted(there.keys() - wanted.keys())]
        for key in sorted(wanted.keys() & there.keys()):
            if wanted[key] != there[key]:
                lines += [
                    f"{label} {key} {column}: must be {wanted[key][column]!r:.200}, "
                    f"is {there[key][column]!r:.200}"
                    for column in COLUMNS[label]
                    if wanted[key][column] != there[key][column]
                ]
    more = len(lines) - SHOWN
    return [*lines[:SHOWN], f"… and {more} more"] if more > 0 else lines


def assert_tables(url: str, host: Host, said: Sequence[Said], scope: str) -> None:
    """All four tables are as the host and what was acknowledged say, row by row."""
    wrong = differences(expected(host, said, read_log(url), scope), found(url))
    assert not wrong, "\n".join(wrong)


Gaps = dict[tuple[str, str | None], Any]
"""Values by (restore, column); without a column, of a whole restore, its type."""


def unrepresentable(host: Host, said: Sequence[Said], log: Log) -> Gaps:
    """What the legacy table cannot represent."""
    cannot: Gaps = {}
    for restore in _restores(host, said, log):
        which = restore["restore_id"]
        if restore["origin"] == "consolidated":
            continue
        if restore["restore_type"] != "database":
            cannot[which, None] = restore["restore_type"]
            continue
        if restore["is_overwrite"]:  # where it is not, the legacy table leaves nothing out
            cannot[which, "is_overwrite"] = True
        if _legacy(restore)["status"] != restore["status"]:
            cannot[which, "status"] = restore["status"]
        if restore["backup_id"] is not None and restore["legacy_backup"] is None:
            cannot[which, "source_backup_id"] = restore["backup"]
        for column in ("validation", "warnings_count"):
            if restore.get(column) is not None:
                cannot[which, column] = restore[column]
    return cannot
