"""A certificate small enough to read, and the files that an auditor has."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from infrastructure.documents.keys import Signer
from infrastructure.documents.signed import signed
from tests.projections.verification.sample_export import Sample
from tests.support import checking

Json = dict[str, Any]
Change = Callable[[Json], None]
SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(bytes(32)))
HOST_DIGEST = "a902b84c250848491e963e79a6408b1327b22eeaf028b00745c8a2301b19a581"
TABLE_DIGEST = "0c5a2ad1e7751ccce14cecdd91ba0446a40d98d3f4755cc3c254f308a294fe57"
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
TABLE = "system_backups_restorelog"
LABEL = "system_backups.RestoreLog"
ROWS = [
    b'{"side":"host","table":"system_backups_restorelog","pk":7,"cells":["i1:7","t5:daily"]}\n',
    b'{"side":"projection","table":"system_backups.RestoreLog","pk":7,"cells":["i1:7",'
    b'"d26:2024-05-01T00:00:00.000000"]}\n',
    b'{"side":"host","table":"system_backups_restorelog","pk":8,"cells":["i1:8","-"]}\n',
]
EXPORT = "5c66f02f984869565f840333cc1a0d96467840356ec11d4bbbf2372942fbb7ce"
LABELS = (
    *("database_management.BackupLog", "database_management.RestoreLog"),
    *("system_backups.BackupLog", "system_backups.RestoreLog"),
)
NAMED = {1} | {
    12_345 - 12_345 % step - step * n
    for step in (2**power for power in range(14))
    for n in range(8)
    if 12_345 - 12_345 % step - step * n > 0
}
"""Positions of the log whose hashes it names: the last eight of each power of two."""


def certificate() -> Json:
    """Two rows in the host, of which one has to stand in the service's table, and does."""
    no_rows = {
        "columns": ["id"], "rows": 0, "digest": EMPTY, "expected_rows": 0, "expected_digest": EMPTY,
        "position": 12_345, "missing": 0, "unexpected": 0, "differing": 0, "recorded_here": 0,
        "quarantined": 0, "host_changed": 0,
    }  # fmt: skip
    empty = {
        "columns": ["id"], "types": ["bigint"], "rows": 0, "digest": EMPTY, "log_digest": EMPTY,
    }  # fmt: skip
    return {
        "format": "restore-log-certificate/2",
        "recipe": "host-digest/1",
        "purpose": "verify",
        "issued_at": "2024-05-01T12:00:00.000000Z",
        "issued_by": "Zoë",
        "code_version": "0000000",
        "host": {
            "id": "8a4f2b1e-0000-4000-8000-000000000001",
            "fingerprint": "4d1c",
            "id_offset": 1_000_000,
            "vendor": "sqlite",
            "source": {
                "vendor": "sqlite",
                "server": None,
                "database": None,
                "schema": None,
                "path": "/srv/shop.sqlite3",
                "role": None,
            },
        },
        "log": {
            "position": 12_345,
            "chain_head": "2" * 64,
            "heads": {str(position): "2" * 64 for position in NAMED},
        },
        "mappings": dict.fromkeys(LABELS, 1),
        "scopes": dict.fromkeys(LABELS, "native"),
        "equal": True,
        "host_tables": {
            "database_management_backuplog": dict(empty),
            "database_management_restorelog": dict(empty),
            "system_backups_backuplog": dict(empty),
            TABLE: {
                "columns": ["id", "name"],
                "types": ["bigint", "varchar(255)"],
                "rows": 2,
                "digest": HOST_DIGEST,
                "log_digest": "3" * 64,
            },
        },
        "projections": {
            **{label: dict(no_rows) for label in LABELS},
            LABEL: {
                **no_rows,
                "columns": ["id", "created_at"],
                "rows": 1,
                "digest": TABLE_DIGEST,
                "expected_rows": 1,
                "expected_digest": TABLE_DIGEST,
            },
        },
        "differences": {"projection_wrong": 0, "host_changed": 0, "quarantined": 0},
        "zone": "UTC",
        "columns": [],
        "assumptions": [],
        "empty_targets": {"database_management.RestoreLog": 0, "system_backups.RestoreLog": 0},
        "problems": [],
        "quarantined": {"count": 0, "accepted": 0, "reason": None, "rows": []},
        "touched": None,
        "export": {"lines": 3, "sha256": EXPORT},
    }


def changed(change: Change) -> Json:
    content = certificate()
    change(content)
    return content


def retired() -> Json:
    """After a retirement, when the host's legacy tables are not read any more."""
    content = {**certificate(), "scopes": dict.fromkeys(LABELS, "all")}
    del content["host_tables"]["database_management_backuplog"]
    del content["host_tables"]["database_management_restorelog"]
    return content


def put(value: Any, *path: Any) -> Json:
    """The certificate with this in the place of what it says there."""
    content: Any = certificate()
    at = content
    for name in path[:-1]:
        at = at[name]
    at[path[-1]] = value
    return content  # type: ignore[no-any-return]


ROW = {"table": LABEL, "pk": 9, "column": "created_at", "reason": "no time", "by": "host"}


def quarantine(content: Json, *, count: int = 1, accepted: int = 1) -> None:
    """One row that the table cannot hold."""
    row = {**ROW}
    content["quarantined"] = {
        "count": count,
        "accepted": accepted,
        "reason": "seen to",
        "rows": [row],
    }
    content["differences"]["quarantined"] = 1
    content["projections"][LABEL]["quarantined"] = 1


def table(**says: Any) -> Change:
    return lambda content: content["projections"][LABEL].update(says)


def unequal(*changes: Change) -> Json:
    content = {**certificate(), "equal": False}
    for change in changes:
        change(content)
    return content


SAMPLE = Sample()
"""One row in each table, of the host and of the service."""


def whole() -> Json:
    """The certificate of the sample."""
    return SAMPLE.certificate(certificate())


class Files:
    """A certificate, its key, its rows and the host's digests, as an auditor has them."""

    def __init__(self, folder: Path) -> None:
        self.certificate = folder / "certificate.json"
        self.key = folder / "key.pem"
        self.rows = folder / "rows.ndjson"
        self.digests = folder / "host.txt"
        self.key.write_bytes(SIGNER.public.pem)
        self.rows.write_bytes(SAMPLE.lines)
        self.digests.write_text(
            "".join(
                f"{name}|{table['rows']}|{table['digest']}\n"
                for name, table in whole()["host_tables"].items()
            )
        )
        self.sign(whole())

    def sign(self, content: Json) -> None:
        self.certificate.write_bytes(signed("certificate", content, SIGNER))

    @property
    def sha256(self) -> str:
        return sha256(self.certificate.read_bytes()).hexdigest()

    @property
    def told(self) -> str:
        return told(whole(), self.sha256)

    def check(self, *options: str | Path) -> checking.Checked:
        return checking.check_here(self.certificate, "--public-key", self.key, *options)


SIGNATURE = "the file is whole, and the given key signed it"
VERDICT = "the verdict follows from the counts and digests"
PLACE = "from where the host was read, and what types it gives its columns: only the host shows it"
CHOICES = "that its columns fill the targets that they should, in the right zone (--events)"


def told(content: Json, hashed: str) -> str:
    host, tables = content["host_tables"], content["projections"]
    lines = [
        "Certificate of 2024-05-01T12:00:00.000000Z by Zoë",
        f"SHA-256 {hashed}, as the log should name it",
        "Host 8a4f2b1e-0000-4000-8000-000000000001, log position 12,345",
        "  read from path /srv/shop.sqlite3, vendor sqlite",
        *(f"  {name}: 1 rows in the host, digest {host[name]['digest']}" for name in sorted(host)),
        *(
            f"  {label}: 1 rows, 0 of them recorded by the service, "
            f"digest {tables[label]['digest']}"
            for label in LABELS
        ),
        "It says that the tables and the host are equal.",
    ]
    return "".join(f"{line}\n" for line in lines)
