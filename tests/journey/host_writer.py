"""A host that goes on: rows come, change and go in all four of its tables.

    python -m tests.journey.host_writer URL --seed N [--pause SECONDS]

Plain SQL with the host's own driver. It goes on until SIGTERM, and finishes the write that it is
at; then it prints how many it did. It deletes only what it wrote, and a backup that it adds has
an id that no restore had named before.
"""

import argparse
import time
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from tests.journey.recorder import until_told
from tests.support import raw

NEW_BACKUPS = 5_000_000
LEGACY, CONSOLIDATED = "database_management", "system_backups"
APPS = (LEGACY, CONSOLIDATED)
STATUSES = ("completed", "failed", "cancelled", "wrapped up")
DELETED_WITH = "written while running"


class HostWriter:
    """Writes to the host over one connection, a transaction for each write."""

    def __init__(self, connection: Any, random: Random) -> None:
        self.connection = connection
        self.random = random
        self.text_times = type(connection).__module__.startswith("sqlite3")
        self.mark = "?" if self.text_times else "%s"
        self.now = datetime(2025, 9, 1, 6, 0, 0, random.randrange(10**6), tzinfo=UTC)
        self.highest = {app: self.value(f"SELECT max(id) FROM {app}_restorelog") for app in APPS}
        self.backups = {
            app: max(self.value(f"SELECT max(id) FROM {app}_backuplog"), NEW_BACKUPS)
            for app in APPS
        }

    def write(self) -> None:
        """One thing happens."""
        self.now += timedelta(seconds=self.random.randrange(1, 600), microseconds=3)
        app = self.random.choice(APPS)
        what = self.random.choice(
            (self.insert, self.insert, self.insert, self.change, self.change, self.change,
             self.add_backup, self.change_backup, self.delete)
        )  # fmt: skip
        what(app)
        self.connection.commit()

    def insert(self, app: str) -> None:
        row = {
            "name": f"{DELETED_WITH} {self.random.randrange(10**6)}",
            "status": self.random.choice(("in_progress", "completed")),
            "source_backup_id": self.random.choice((None, self.backups[app], 1, 2)),
            "started_at": self.now,
            "message": self.random.choice(("", "zwei\nZeilen")),
            "created_by_id": self.random.choice((None, 1, 4)),
            "created_at": self.now,
            "updated_at": self.now,
        }
        if app == LEGACY:
            row |= {"restore_method": "automatic", "target_database": "orders"}
        else:
            row |= {"restore_type": "files", "trigger_type": "manual", "is_overwrite": True}
        self.execute(
            f"INSERT INTO {app}_restorelog ({', '.join(row)})"
            f" VALUES ({', '.join([self.mark] * len(row))})",
            *row.values(),
        )

    def change(self, app: str) -> None:
        """An ordinary row changes: the oddest ones stay as they are."""
        self.execute(
            f"UPDATE {app}_restorelog SET status = {self.mark}, completed_at = {self.mark},"
            f" updated_at = {self.mark}, message = {self.mark} WHERE id = (SELECT min(id)"
            f" FROM {app}_restorelog WHERE id >= {self.mark} AND status = 'completed')",
            self.random.choice(STATUSES),
            self.now,
            self.now,
            f"said at {self.now} 🕛",
            self.random.randint(1, self.highest[app]),
        )

    def delete(self, app: str) -> None:
        """Only what was written here: many at once would look like a mishap."""
        self.execute(
            f"DELETE FROM {app}_restorelog WHERE id = (SELECT max(id) FROM {app}_restorelog"
            f" WHERE name LIKE {self.mark})",
            f"{DELETED_WITH}%",
        )

    def add_backup(self, app: str) -> None:
        self.backups[app] += 1
        self.execute(
            f"INSERT INTO {app}_backuplog (id, name, backup_type, status, database_name,"
            " file_path, size_bytes, created_at, updated_at)"
            f" VALUES ({', '.join([self.mark] * 9)})",
            self.backups[app],
            f"{DELETED_WITH} {self.backups[app]}",
            *("incremental", "in_progress", "crm", f"/backups/{self.backups[app]}", None),
            *(self.now, self.now),
        )

    def change_backup(self, app: str) -> None:
        self.execute(
            f"UPDATE {app}_backuplog SET status = 'checked', size_bytes = {self.mark},"
            f" updated_at = {self.mark} WHERE id = {self.mark}",
            self.random.getrandbits(40),
            self.now,
            self.backups[app],
        )

    def value(self, query: str) -> Any:
        cursor = self.connection.cursor()
        cursor.execute(query)
        (found,) = cursor.fetchone()
        cursor.close()
        return found

    def execute(self, statement: str, *values: Any) -> None:
        cursor = self.connection.cursor()
        cursor.execute(statement, [self._stored(value) for value in values])
        cursor.close()

    def _stored(self, value: Any) -> Any:
        if isinstance(value, datetime) and self.text_times:
            return value.replace(tzinfo=None).isoformat(" ")
        return value


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.journey.host_writer", description=__doc__
    )
    parser.add_argument("url")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--pause", type=float, default=0.02)
    options = parser.parse_args()
    stop, done = until_told(), 0
    with raw.connect(options.url) as connection:
        writer = HostWriter(connection, Random(options.seed))
        while not stop():
            writer.write()
            done += 1
            time.sleep(options.pause)
    print(done)


if __name__ == "__main__":
    main()
