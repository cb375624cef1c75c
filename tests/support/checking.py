"""The one-file check as an auditor runs it, and the recipes for a host's digests."""

import importlib.util
import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, NamedTuple
from unittest.mock import patch
from urllib.parse import unquote, urlsplit

import psycopg

from tests.support.service import ROOT

CHECK = ROOT / "projections" / "verification" / "certificate" / "check_certificate.py"
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


def loaded() -> ModuleType:
    """The one file as a module, found by its path and not by its name."""
    spec = importlib.util.spec_from_file_location("the_check", CHECK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def check_here(*arguments: str | Path, encoding: str = "utf-8") -> Checked:
    """Run the check as a program in this process, which is quicker than one of its own.

    `encoding` is that of its terminal.
    """
    written, err, code = io.BytesIO(), io.StringIO(), None
    out = io.TextIOWrapper(written, encoding)
    argv = [str(CHECK), *map(str, arguments)]
    program, ours = ModuleType("__main__"), sys.modules["__main__"]
    program.__file__ = argv[0]
    with patch.object(sys, "argv", argv), redirect_stdout(out), redirect_stderr(err):
        try:
            sys.modules["__main__"] = program
            exec(_compiled(CHECK), program.__dict__)
        except SystemExit as done:
            code = done.code
        finally:
            sys.modules["__main__"] = ours
    assert isinstance(code, int), "the program ended without an exit code"
    out.flush()
    return Checked(code, written.getvalue().decode(encoding), err.getvalue())


@cache
def _compiled(program: Path) -> CodeType:
    """A program that is run hundreds of times; Python keeps only what is imported."""
    return compile(program.read_bytes(), program, "exec")


def host_digests(host: str, out: Path) -> dict[str, tuple[int, str]]:
    """What the recipe for this host says, by table; `out` holds what it printed."""
    if host.startswith("postgres"):
        out.write_text("".join("|".join(map(str, row)) + "\n" for row in _by_sql(host)))
        rows = (line.split("|") for line in out.read_text().splitlines())
        return {table: (int(count), digest) for table, count, digest in rows}
    done = recipe(*_arguments(host), password=unquote(urlsplit(host).password or ""))
    assert (done.code, done.err) == (0, "")
    out.write_text(done.out)
    tables: dict[str, Any] = json.loads(done.out)["tables"]
    return {table: (said["rows"], said["digest"]) for table, said in tables.items()}


def recipe(*arguments: str | Path, password: str = "") -> Checked:
    """Run the recipe in Python as an auditor does."""
    done = subprocess.run(
        [sys.executable, "-I", RECIPES / "host_digest.py", *arguments],
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "MYSQL_PWD": password},
    )
    return Checked(done.returncode, done.stdout, done.stderr)


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
    with psycopg.connect(host, autocommit=True, client_encoding="utf8") as connection:
        cursor = connection.execute((RECIPES / "host_digest_postgresql.sql").read_bytes())
        while True:
            if cursor.description is not None:
                found += cursor.fetchall()
            if not cursor.nextset():
                return found
