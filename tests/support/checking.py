"""The one-file check as an auditor runs it, and the recipes for a host's digests."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import psycopg

from tests.support.service import ROOT

CHECK = ROOT / "projections" / "verification" / "check_certificate.py"
RECIPES = ROOT / "docs" / "recipes"


class Checked(NamedTuple):
    code: int
    out: str
    err: str


def check(
    certificate: Path,
    key: Path,
    *options: str | Path,
    python: Path | None = None,
    program: Path | None = None,
) -> Checked:
    """Run the check in a process that finds nothing of the project."""
    done = subprocess.run(
        [
            python or sys.executable,
            "-I",
            program or CHECK,
            certificate,
            "--public-key",
            key,
            *options,
        ],
        cwd=certificate.parent,
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"]},
    )
    return Checked(done.returncode, done.stdout, done.stderr)


def host_digests(host: str, out: Path) -> dict[str, tuple[int, str]]:
    """What the recipe for this host says, by table; `out` holds what it printed."""
    if host.startswith("postgres"):
        out.write_text("".join("|".join(map(str, row)) + "\n" for row in _by_sql(host)))
        rows = (line.split("|") for line in out.read_text().splitlines())
        return {table: (int(count), digest) for table, count, digest in rows}
    done = subprocess.run(
        [sys.executable, "-I", RECIPES / "host_digest.py", *_arguments(host)],
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "MYSQL_PWD": unquote(urlsplit(host).password or "")},
    )
    assert (done.returncode, done.stderr) == (0, "")
    out.write_text(done.stdout)
    tables: dict[str, Any] = json.loads(done.stdout)["tables"]
    return {table: (said["rows"], said["digest"]) for table, said in tables.items()}


def _arguments(host: str) -> list[str]:
    parts = urlsplit(host)
    if parts.scheme == "sqlite":
        return ["sqlite", parts.path[1:]]
    return [
        *("mysql", "--", "--no-defaults", f"--host={parts.hostname}", f"--port={parts.port}"),
        *(f"--user={parts.username}", parts.path[1:]),
    ]


def _by_sql(host: str) -> list[tuple[Any, ...]]:
    """Every answer of the published SQL, sent as it is."""
    found: list[tuple[Any, ...]] = []
    with psycopg.connect(host, autocommit=True) as connection:
        cursor = connection.execute((RECIPES / "host_digest_postgresql.sql").read_bytes())
        while True:
            if cursor.description is not None:
                found += cursor.fetchall()
            if not cursor.nextset():
                return found
