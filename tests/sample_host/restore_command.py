"""A restore of a SQLite file that can be watched, and the check of it. The demo runs both.

`python -m tests.sample_host.restore_command copy BACKUP TARGET [--seconds N] [--room PERCENT]`
`python -m tests.sample_host.restore_command check TARGET`
"""

import argparse
import sqlite3
import sys
import time
from contextlib import closing

PARTS = 60


def copy(backup: str, target: str, seconds: float, room: int | None) -> None:
    """Copy a database part by part, and say how far it is.

    A target can have room for so many percent of it only.
    """
    with closing(sqlite3.connect(backup)) as source, closing(sqlite3.connect(target)) as copied:
        (pages,) = source.execute("PRAGMA page_count").fetchone()
        if room is not None:
            copied.execute(f"PRAGMA max_page_count = {max(pages * room // 100, 1)}")

        def progress(status: int, remaining: int, total: int) -> None:
            done = 100 * (total - remaining) // total
            print(f"restorelog progress {done}% page {total - remaining} of {total}", flush=True)
            time.sleep(seconds / PARTS)

        source.backup(copied, pages=max(pages // PARTS, 1), progress=progress)
    print(f"copied {pages} pages", flush=True)


def check(target: str) -> bool:
    """Whether the copy is sound, and has rows."""
    with closing(sqlite3.connect(target)) as database:
        (found,) = database.execute("PRAGMA integrity_check").fetchone()
        (tables,) = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    print(f"integrity check: {found}; {tables} tables and indexes")
    return bool(found == "ok" and tables)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.sample_host.restore_command")
    actions = parser.add_subparsers(dest="action", required=True)
    copying = actions.add_parser("copy")
    copying.add_argument("backup")
    copying.add_argument("target")
    copying.add_argument("--seconds", type=float, default=1.0)
    copying.add_argument("--room", type=int, metavar="PERCENT")
    actions.add_parser("check").add_argument("target")
    options = parser.parse_args()
    if options.action == "check":
        return 0 if check(options.target) else 1
    try:
        copy(options.backup, options.target, options.seconds, options.room)
    except sqlite3.Error as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
