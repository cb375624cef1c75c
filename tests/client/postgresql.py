"""A real PostgreSQL, as its own programs see it: `pg_dump`, `pg_restore`, `psql`."""

import os
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.support import postgres


class PostgreSQL:
    """The shared server, as libpq's environment names it."""

    def __init__(self, url: str) -> None:
        self.url = url
        parts = urlsplit(url)
        self.environment = {
            "PGHOST": parts.hostname or "",
            "PGPORT": str(parts.port),
            "PGUSER": parts.username or "",
            "PGPASSWORD": parts.password or "",
            "PATH": f"{postgres.programs()}:{os.environ['PATH']}",
        }

    def log_in(self, patched: pytest.MonkeyPatch) -> None:
        """Put its programs on the PATH, and its login into the environment."""
        for name, value in self.environment.items():
            patched.setenv(name, value)

    def run(self, database: str, *statements: str) -> list[Any]:
        """The rows of the last statement."""
        with closing(self.connect(database)) as connection:
            for statement in statements:
                cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def connect(self, database: str) -> psycopg.Connection[Any]:
        return psycopg.connect(self.url, dbname=database, autocommit=True)

    def databases(self, prefix: str) -> list[str]:
        """Databases whose names begin so, without the times in them."""
        rows = self.run("postgres", "SELECT datname FROM pg_database ORDER BY 1")
        return [name.rpartition("_2")[0] or name for (name,) in rows if name.startswith(prefix)]


def dump(name: str, path: Path, how: str) -> Path:
    subprocess.run(["pg_dump", f"--format={how}", f"--file={path}", name], check=True)
    return path
