"""Django's settings for the service's own database. Needs none of the other settings."""

from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from infrastructure.databases.redaction import ESCAPED, looks_like_more

CACHE = 24_576
"""KiB of the page cache of a SQLite connection. A rebuild has a connection in each process."""
SERVER_CACHE = 4_096
"""The same for a server's connections. The system gets this memory back late, and one long value
fills all of it.
"""

SQLITE_OPTIONS: dict[str, Any] = {
    # A write transaction takes its lock when it begins; taking it later can deadlock.
    "transaction_mode": "IMMEDIATE",
    "timeout": 60,
    "init_command": (
        "PRAGMA journal_mode=WAL;"
        # Committed data survives a power cut; NORMAL would lose the last commits.
        "PRAGMA synchronous=FULL;"
        # Without this, INSERT OR REPLACE deletes a row without firing its DELETE trigger.
        "PRAGMA recursive_triggers=ON;"
        f"PRAGMA cache_size=-{CACHE};"
        # Pages of the streams' index change again and again: to copy them into the file every
        # 80 MB of WAL, not every 4, makes an import a seventh faster.
        "PRAGMA wal_autocheckpoint=20000;"
        # From here on, our backend waits: see `infrastructure.databases.sqlite3.base`.
        "PRAGMA busy_timeout=0;"
    ),
}

SQLITE = "infrastructure.databases.sqlite3"
"""Django's backend, but for how it waits for the write lock, and for a file that was replaced."""

KEPT = 600
"""Seconds that a server's thread keeps a connection to SQLite."""

POOL_TIMEOUT = 5.0
"""Seconds until a request without a connection is answered with 503."""

AS_NEW = "RESET ALL; SET TIME ZONE 'UTC'; SELECT pg_advisory_unlock_all()"


def database_settings(url: str) -> dict[str, Any]:
    """Django's settings for a database URL; SQLite files get WAL and short write locks."""
    try:
        config: dict[str, Any] = dict(dj_database_url.parse(url))
    except ValueError as error:
        # The URL may contain a password, so the message does not show it.
        raise ImproperlyConfigured(
            "DATABASE_URL cannot be read: it should look like sqlite:////path/to/file "
            "or postgres://user:password@host:5432/name."
        ) from error
    engine = config["ENGINE"]
    if engine == "django.db.backends.sqlite3":
        config["ENGINE"] = SQLITE
        config["OPTIONS"] = {**config.get("OPTIONS", {}), **SQLITE_OPTIONS}
    elif engine != "django.db.backends.postgresql":
        raise ImproperlyConfigured(
            "DATABASE_URL must name a SQLite file or a PostgreSQL database; "
            f"{engine.rsplit('.', 1)[-1]} can only be a host to import from."
        )
    elif looks_like_more(str(config["NAME"])):
        raise ImproperlyConfigured(
            "DATABASE_URL is misspelt: the database's name contains @, : or /. It should look "
            f"like postgres://user:password@host:5432/name, {ESCAPED}."
        )
    return config


def for_server(config: dict[str, Any], at_work: int) -> None:
    """Configure the connections of a server's process.

    On PostgreSQL it has a pool: one connection for each request at work, and four for the probes,
    Django's queries at the end of a request, the thread that updates the head file, and the one
    that reads the log for all streams. On SQLite each thread keeps its connection, which has a
    small cache. Commands do not need this: they have one connection, and their helper processes
    one each.
    """
    if config["ENGINE"] == SQLITE:
        config["OPTIONS"]["init_command"] += f"PRAGMA cache_size=-{SERVER_CACHE};"
        config["CONN_MAX_AGE"] = KEPT
        return
    config["CONN_HEALTH_CHECKS"] = True
    config["OPTIONS"]["pool"] = {
        "min_size": 0,
        "max_size": at_work + 4,
        "timeout": POOL_TIMEOUT,
        "max_idle": 120,
        "reset": as_new,
    }


def as_new(connection: Any) -> None:
    """Reset a connection for the next request: its settings and locks."""
    connection.autocommit = True
    connection.execute(AS_NEW)
