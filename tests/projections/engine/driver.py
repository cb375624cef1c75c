"""Runs a rebuild in a process of its own, for tests that kill it.

    python -m tests.projections.engine.driver PHASE FILE [WORKERS [SCHEDULER]]

When the phase begins (or, for `loading`, when some events are loaded) its name is written to the
file, and the process waits to be killed.
"""

import os
import sys
import time
from pathlib import Path


def main(wanted: str, file: Path, workers: int, scheduler: str = "") -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "infrastructure.settings"
    import django

    django.setup()

    from projections.engine import parallel
    from projections.engine.cluster.address import SchedulerAddress
    from projections.engine.dialects import postgresql, sqlite
    from projections.engine.rebuild import rebuild

    def enter(phase: str) -> None:
        if phase == wanted:
            # At once: whoever waits for the file reads it as soon as it is there.
            beside = file.with_suffix(".new")
            beside.write_text(phase)
            beside.replace(file)
            while True:
                time.sleep(60)

    def progress(done: int, total: int | None) -> None:
        if 0 < done < (total or 0):
            enter("loading")

    postgresql.PostgreSQLTables.chunk = sqlite.SQLiteTables.chunk = parallel.STEP = 200
    sqlite.SQLiteTables.parts = 1
    rebuild(
        on_phase=enter,
        progress=progress,
        workers=workers,
        scheduler=SchedulerAddress(scheduler) if scheduler else None,
    )


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int((*sys.argv, "1")[3]), *sys.argv[4:])
