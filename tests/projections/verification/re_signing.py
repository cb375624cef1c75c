"""Forging a certificate with the service's own key: whatever is changed is made to fit."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from infrastructure.documents.keys import read_key
from infrastructure.documents.signed import signed
from tests.support import checking

Json = dict[str, Any]


class Audited:
    """The files that an auditor has of a certificate, and what the key's owner could make of them.

    `rows` are the export's lines as they are read from it. After a change `sign` writes all of it
    down again: counts and digests of the tables and of the file, and the signature.
    """

    def __init__(self, folder: Path, key: Path) -> None:
        self.folder, self.key = folder, key
        self.certificate, self.export = folder / "certificate.json", folder / "rows.ndjson"
        self.digests, self.events = folder / "host.json", folder / "events.ndjson"
        self.content: Json = json.loads(self.certificate.read_bytes())["certificate"]
        self.rows: list[Json] = [
            json.loads(line) for line in self.export.read_bytes().splitlines(keepends=True)
        ]

    def of(self, name: str) -> list[Json]:
        """The rows of the host's table of this name, or of the service's with this label."""
        return [row for row in self.rows if row["table"] == name]

    def columns(self, row: Json) -> list[str]:
        tables = "host_tables" if row["side"] == "host" else "projections"
        columns: list[str] = self.content[tables][row["table"]]["columns"]
        return columns

    def cell(self, row: Json, column: str) -> str:
        value: str = row["cells"][self.columns(row).index(column)]
        return value

    def put(self, row: Json, column: str, value: str) -> None:
        row["cells"][self.columns(row).index(column)] = value

    def drop(self, unwanted: Callable[[Json], bool]) -> None:
        self.rows = [row for row in self.rows if not unwanted(row)]

    def sign(self, *, recount: bool = True) -> None:
        self.rows.sort(key=lambda row: (row["side"], row["table"], row["pk"]))
        if recount:
            self._recount()
        lines = b"".join(json.dumps(row).encode() + b"\n" for row in self.rows)
        self.content["export"] = {"lines": len(self.rows), "sha256": sha256(lines).hexdigest()}
        self.export.write_bytes(lines)
        key = read_key(self.key.with_name("private.pem"))
        self.certificate.write_bytes(signed("certificate", self.content, key))

    def _recount(self) -> None:
        offset = 2 * self.content["host"]["id_offset"]
        for side, tables in (("host", "host_tables"), ("projection", "projections")):
            for name, said in self.content[tables].items():
                rows = [row for row in self.rows if (row["side"], row["table"]) == (side, name)]
                held = sha256(b"".join(map(hashed, rows))).hexdigest()
                said |= {"rows": len(rows), "digest": held}
                if side == "projection":
                    listed = [r for r in self.content["quarantined"]["rows"] if r["table"] == name]
                    here = [r["pk"] for r in (*rows, *listed) if r["pk"] >= offset]
                    said |= {"expected_rows": len(rows), "expected_digest": held}
                    said |= {"recorded_here": len(here), "quarantined": len(listed)}
        listed = self.content["quarantined"]["rows"]
        if len(listed) != self.content["differences"]["quarantined"]:
            count = len(
                {(row["table"].rpartition(".")[2], row["pk"] % (offset // 2)) for row in listed}
            )
            self.content["differences"]["quarantined"] = len(listed)
            self.content["quarantined"] |= {"count": count, "accepted": count}

    def check(self, *options: str | Path) -> Json:
        """What the check says, with its exit code as `code`."""
        files = ("--rows", self.export, "--host-digests", self.digests)
        done = checking.check_here(
            self.certificate, "--public-key", self.key, *files, *options, "--json"
        )
        assert done.err == ""
        return json.loads(done.out) | {"code": done.code}


def hashed(row: Json) -> bytes:
    return sha256("".join(row["cells"]).encode("utf-8", "surrogateescape")).digest()
