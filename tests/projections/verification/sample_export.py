"""A small host and what the service shows of it, as cells; its export and its certificate."""

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

Json = dict[str, Any]
Row = dict[str, str]
"""Cells, by the names of their columns."""

HOST = UUID("8a4f2b1e-0000-4000-8000-000000000001")
OFFSET = 1_000_000
BACKUPS, RESTORES = "system_backups.BackupLog", "system_backups.RestoreLog"
LEGACY_BACKUPS, LEGACY_RESTORES = "database_management.BackupLog", "database_management.RestoreLog"
LABELS = (LEGACY_BACKUPS, LEGACY_RESTORES, BACKUPS, RESTORES)


def text(value: str) -> str:
    return f"t{len(value.encode('utf-8', 'surrogateescape'))}:{value}"


def table_of(label: str) -> str:
    return label.replace(".", "_").lower()


def uuid_of(label: str, key: int) -> str:
    return f"u36:{uuid5(HOST, f'{table_of(label)}:{key}')}"


WHEN, SEEN = text("2024-05-01 00:00:00"), "d26:2024-05-01T00:00:00.000000"
BACKUP_TYPES = {
    "id": "integer", "name": "varchar(255)", "backup_type": "varchar(20)", "status": "varchar(20)",
    "database_name": "varchar(100)", "file_path": "varchar(500)", "size_bytes": "bigint",
    "created_at": "datetime", "updated_at": "datetime",
}  # fmt: skip
RESTORE_TYPES = {
    "id": "integer", "name": "varchar(255)", "source_backup_id": "bigint",
    "status": "varchar(20)", "target_database": "varchar(100)", "started_at": "datetime",
    "completed_at": "datetime", "duration_seconds": "integer unsigned", "message": "text",
    "created_by_id": "bigint", "created_at": "datetime", "updated_at": "datetime",
}  # fmt: skip
LEGACY_TYPES = RESTORE_TYPES | {"restore_method": "varchar(20)"}
OWN_TYPES = RESTORE_TYPES | {
    "restore_type": "varchar(20)", "trigger_type": "varchar(20)", "is_overwrite": "bool",
}  # fmt: skip
TYPES = dict(zip(LABELS, (BACKUP_TYPES, LEGACY_TYPES, BACKUP_TYPES, OWN_TYPES), strict=True))


def host_backup(key: int, **changes: str) -> Row:
    return {
        "id": f"i1:{key}", "name": text(f"dump {key}"), "backup_type": "t4:full",
        "status": "t9:completed", "database_name": "t4:shop", "file_path": "t2:/b",
        "size_bytes": "i2:17", "created_at": WHEN, "updated_at": WHEN,
    } | changes  # fmt: skip


def host_restore(label: str, key: int, **changes: str) -> Row:
    own = (
        {"restore_method": "t6:manual"}
        if label == LEGACY_RESTORES
        else {"restore_type": "t8:database", "trigger_type": "t6:manual", "is_overwrite": "i1:0"}
    )
    return {
        "id": f"i1:{key}", "name": "t5:daily", "source_backup_id": "i1:3",
        "status": "t9:completed", "target_database": "t4:wiki", "started_at": WHEN,
        "completed_at": "-", "duration_seconds": "i2:90", "message": "t0:", "created_by_id": "i1:4",
        "created_at": WHEN, "updated_at": WHEN,
    } | own | changes  # fmt: skip


TIMES = ("started_at", "completed_at", "created_at", "updated_at")


def shown(label: str, of: str, row: Row, **changes: str) -> Row:
    """What the table `label` shows of a host's row: written out once more, for these hosts."""
    shift = 0 if label == of else OFFSET
    key = int(row["id"].partition(":")[2])
    seen = dict(row)
    seen["id"] = f"i{len(str(key + shift))}:{key + shift}"
    seen |= {name: SEEN for name in TIMES if row.get(name) == WHEN}
    seen["extra"] = "t2:{}"
    seen |= {"version": "i1:1", "origin": text("legacy" if "database_" in of else "consolidated")}
    if of.endswith("BackupLog"):
        return seen | {"backup_id": uuid_of(of, key)} | changes
    backup = int(row["source_backup_id"].partition(":")[2])
    seen["source_backup_id"] = f"i{len(str(backup + shift))}:{backup + shift}"
    seen |= {"backup_id": uuid_of(of.replace("RestoreLog", "BackupLog"), backup)}
    seen |= {"created_by_username": "t4:root", "amended": "t2:[]"}
    seen["created_by_id"] = text(row["created_by_id"].partition(":")[2])
    if label == RESTORES and of == LEGACY_RESTORES:
        seen["trigger_type"] = seen.pop("restore_method")
        seen |= {"restore_type": "t8:database", "is_overwrite": "b1:0"}
    elif label == RESTORES:
        seen["is_overwrite"] = "b1:0"
    if label == RESTORES:
        seen |= {"validation": "-", "warnings_count": "-"}
    return seen | {"restore_id": uuid_of(of, key)} | changes


def columns_of(label: str) -> list[str]:
    """The columns of a table, all of which a certificate names."""
    restores = ("restore_id", "created_by_username", "amended")
    own = () if label.endswith("BackupLog") else restores
    last = ("validation", "warnings_count") if label == RESTORES else ()
    return [*TYPES[label], *own, "backup_id", "origin", "version", "extra", *last]


class Sample:
    """The rows of both sides; the test changes them before it asks for the certificate."""

    def __init__(self, scope: str = "native") -> None:
        self.host: dict[str, list[Row]] = {
            label: [host_backup(3)] if label.endswith("BackupLog") else [host_restore(label, 7)]
            for label in LABELS
        }
        self.types = {label: dict(types) for label, types in TYPES.items()}
        self.columns = {label: columns_of(label) for label in LABELS}
        self.scopes = dict.fromkeys(LABELS[:2], "native") | dict.fromkeys(LABELS[2:], scope)
        self.tables = {
            label: [
                shown(label, of, row)
                for of in ([label, LABELS[n - 2]] if n > 1 and scope == "all" else [label])
                for row in self.host[of]
            ]
            for n, label in enumerate(LABELS)
        }
        self.quarantined: list[Json] = []

    def quarantine(self, label: str, pk: int, column: str, reason: str, by: str = "host") -> None:
        self.quarantined.append(
            {"table": label, "pk": pk, "column": column, "reason": reason, "by": by}
        )

    @property
    def lines(self) -> bytes:
        sides = [
            *(
                ("host", table_of(label), self.types[label], rows)
                for label, rows in self.host.items()
            ),
            *(
                ("projection", label, self.columns[label], rows)
                for label, rows in self.tables.items()
            ),
        ]
        return b"".join(
            json.dumps({
                "side": side, "table": name, "pk": int(row["id"].partition(":")[2].split(".")[0]),
                "cells": [row[column] for column in columns],
            }).encode() + b"\n"
            for side, name, columns, rows in sides
            for row in rows
        )  # fmt: skip

    def certificate(self, base: Json) -> Json:
        """What a certificate says of these rows, in all else as `base`."""
        content: Json = json.loads(json.dumps(base))
        content["host"] |= {"id": str(HOST), "id_offset": OFFSET, "vendor": "sqlite"}
        content["scopes"] = self.scopes
        content["assumptions"] = [
            {
                "table": LABELS[1],
                "column": column,
                "value": value,
                "rows": len(self.host[LABELS[1]]),
            }
            for column, value in (("restore_type", "database"), ("is_overwrite", False))
            if column not in self.types[LABELS[1]] and self.host[LABELS[1]]
        ]
        content["empty_targets"] = {
            label: sum(row.get("target_database") == "t0:" for row in self.host[label])
            for label in (LABELS[1], LABELS[3])
        }
        for label, rows in self.host.items():
            content["host_tables"][table_of(label)] = {
                "columns": list(self.types[label]), "types": list(self.types[label].values()),
                "rows": len(rows), "digest": digest(rows, self.types[label]),
                "log_digest": "3" * 64,
            }  # fmt: skip
        for label, rows in self.tables.items():
            held = digest(rows, self.columns[label])
            content["projections"][label] |= {
                "columns": self.columns[label], "rows": len(rows), "digest": held,
                "expected_rows": len(rows), "expected_digest": held,
                "recorded_here": sum(pk_of(row) >= 2 * OFFSET for row in rows),
                "quarantined": sum(row["table"] == label for row in self.quarantined),
            }  # fmt: skip
        count = len({(row["table"], row["pk"]) for row in self.quarantined})
        content["quarantined"] = {
            "count": count, "accepted": count, "reason": None, "rows": self.quarantined,
        }  # fmt: skip
        content["differences"]["quarantined"] = len(self.quarantined)
        lines = self.lines
        content["export"] = {"lines": lines.count(b"\n"), "sha256": sha256(lines).hexdigest()}
        return content


def pk_of(row: Row) -> int:
    return int(row["id"].partition(":")[2].split(".")[0])


def digest(rows: Iterable[Row], columns: Iterable[str]) -> str:
    """SHA-256 over the SHA-256 of each row's cells."""
    names = list(columns)
    encoded = ("".join(row[name] for name in names) for row in rows)
    hashes = (sha256(row.encode("utf-8", "surrogateescape")).digest() for row in encoded)
    return sha256(b"".join(hashes)).hexdigest()
