"""Migrates a project, killed before each of its statements in turn, until it ends by itself.

`kill_at_every_statement.py URL TARGET`, in the project's folder: prints, as JSON, how often it was
killed and the database was as before, and whether it was ever neither as before nor as after.

On MySQL the database may be in between: the next run goes on there, and is killed in turn. Printed
are how often, and how many rows the consolidated tables had each time.

With `--writes` at the end, of several statements that only read, the first stands for all. With
`--every=N`, it is killed before every Nth statement only: on MySQL each takes long.
"""

import json
import os
import re
import signal
import sys
import time
from contextlib import redirect_stdout
from io import StringIO
from typing import Any

from tests.host_migration.state import state_of
from tests.support import raw

LOCKS = re.compile(
    "LOCK TABLE|DELETE FROM django_migrations|CREATE TABLE restorelog|DROP TABLE|ALTER TABLE"
    "|SELECT auto_increment|SET TRANSACTION"
)
"""The first statement of a migration: what Django asks before it changes nothing."""
READS = re.compile(r"\s*(--[^\n]*\n\s*)*(SELECT(?! setval)|SHOW|PRAGMA [^=]*$)", re.DOTALL)
NEVER = 10**6
WRITES, EVERY = "--writes", "--every="
COUNTED = (
    "SELECT count(*) FROM system_backups_restorelog",
    ("SELECT count(*) FROM system_backups_backuplog"),
)


def main() -> None:
    url, target = (word for word in sys.argv[1:] if not word.startswith("--"))
    every = int(next((one[len(EVERY) :] for one in sys.argv if one.startswith(EVERY)), "1"))
    sys.path.insert(0, os.getcwd())
    os.environ["DJANGO_SETTINGS_MODULE"] = "product.settings"
    import django

    django.setup()
    before = look(url)
    killed, kills, number = 0, -1, 0
    while True:
        kills, number = kills + 1, number + every
        ended = migrated(target, number)
        found = look(url)
        if ended or found != before:
            break
        killed += 1
    between: list[list[Any]] = []
    while url.startswith("mysql") and not ended:
        counts = [raw.value(url, query) for query in COUNTED]
        between += [] if counts in between[-1:] else [counts]
        kills, number = kills + 1, number + every
        ended = migrated(target, number)
        look(url)
    # Killed after it was committed: Django may not have noted it, and the same command goes on.
    ended = ended or migrated(target, NEVER)
    after = look(url)
    told = {
        "before": killed,
        "neither": int(found != after),
        "changed": before != after,
        "exit": ended - 1,
        "kills": kills,
        "counts": between,
    }
    print(json.dumps(told))


def migrated(target: str, number: int) -> int:
    """One more than the exit code; 0 if it was killed before the statement of this number."""
    child = os.fork()
    if child == 0:
        migrate(target, number)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return 0 if status == -signal.SIGKILL else status + 1


def migrate(target: str, number: int) -> None:
    from django.core.management import call_command
    from django.db import connection

    begun, count, reads = False, 0, False

    def kill(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        nonlocal begun, count, reads
        begun = begun or LOCKS.match(sql) is not None
        before, reads = reads, WRITES in sys.argv and READS.match(sql) is not None
        counts = begun and not (reads and before)
        count += counts
        if counts and count == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)

    connection.execute_wrappers.append(kill)
    with redirect_stdout(StringIO()):  # what the migration prints
        call_command("migrate", "system_backups", target, verbosity=0)
    connection.close()
    os._exit(0)


def look(url: str) -> Any:
    """The state of the database, once the killed process has left it."""
    while not url.startswith("sqlite") and others(url):
        time.sleep(0.01)
    return state_of(url)


def others(url: str) -> int:
    if url.startswith("mysql"):
        query = "SELECT count(*) FROM information_schema.processlist WHERE db = database()"
        return int(raw.value(url, f"{query} AND id <> connection_id()"))
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    return int(raw.value(url, query))


if __name__ == "__main__":
    main()
