"""Putting an old log, or its host, into a database of one's own."""

import gzip
import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg

FOLDER = Path(__file__).resolve().parent
HOSTS = ("plan", "origin")
"""A host with the tables of the plan, and one with those of the product behind it."""

STATES = ("imported", "cut_over")
"""After import and verify, and after the cut-over that came next."""


def load_log(host: str, state: str, url: str) -> None:
    """The service's whole database as the old code left it, into the empty database at `url`.

    What the old code wrote on SQLite is loaded into SQLite, what it wrote on PostgreSQL into
    PostgreSQL; nothing is migrated. The next command is `manage.py migrate`, as for anybody who
    upgrades.
    """
    vendor = "sqlite" if url.startswith("sqlite") else "postgresql"
    packed = (FOLDER / host / f"{vendor}.{state}.sql.gz").read_bytes()
    text = gzip.decompress(packed).decode()
    if vendor == "sqlite":
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
            database.executescript(text)
    else:
        with psycopg.connect(url) as connection:
            connection.execute(text.encode())


def load_host(host: str, path: Path) -> str:
    """The host that the log was made from, as it was at the last import. Returns its URL."""
    with closing(sqlite3.connect(path)) as database:
        for file in ("host.sql", "changes.sql"):
            database.executescript((FOLDER / host / file).read_text())
    return f"sqlite:///{path}"


def certificate(host: str, state: str, url: str) -> Path:
    """The certificate that the old code signed when it had come to this state."""
    vendor = "sqlite" if url.startswith("sqlite") else "postgresql"
    return FOLDER / host / f"{vendor}.{state}.certificate.json"


def public_key(host: str, url: str) -> Path:
    """The public half of the key that signed it; the private one was thrown away."""
    vendor = "sqlite" if url.startswith("sqlite") else "postgresql"
    return FOLDER / host / f"{vendor}.public-key.pem"
