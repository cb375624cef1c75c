"""Clients at a switch, each in a process of its own: `python -m tests.bench.waiting SIDE URL`.

`read` asks for one row of the consolidated table again and again, as a request does; `write`
records a restore again and again. They begin with a line on stdout, go on until their stdin is
closed, and then print the longest that they ever waited, in milliseconds.
"""

import itertools
import os
import sys
import threading
import time
from contextlib import closing

from tests.support import raw

READ = "SELECT name FROM system_backups_restorelog WHERE id = 1"


def main(side: str, url: str) -> None:
    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    longest = read(url, over) if side == "read" else write(url, over)
    print(round(longest * 1000, 1), flush=True)


def read(url: str, over: threading.Event) -> float:
    """The longest that a read took, in seconds."""
    longest = 0.0
    with closing(raw._open(url)) as connection:
        if not url.startswith("sqlite"):
            connection.autocommit = True
        print("reading", flush=True)
        while not over.is_set():
            begin = time.perf_counter()
            connection.execute(READ).fetchone()
            longest = max(longest, time.perf_counter() - begin)
            time.sleep(0.001)
    return longest


def write(url: str, over: threading.Event) -> float:
    """The longest that it took to record a restore, in seconds."""
    os.environ.update(DJANGO_SETTINGS_MODULE="infrastructure.settings", DEBUG="1", DATABASE_URL=url)
    import django

    django.setup()

    from infrastructure.event_store.log import Log
    from infrastructure.recording import restores

    log, longest = Log(), 0.0
    print("writing", flush=True)
    for number in itertools.count():
        if over.is_set():
            return longest
        begin = time.perf_counter()
        restores.request_restore(log, name=f"recorded at the switch {number}", actor="bench")
        longest = max(longest, time.perf_counter() - begin)
        time.sleep(0.02)
    raise AssertionError("count never ends")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
