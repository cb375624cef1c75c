"""Runs a command in a process of its own that stops in a phase, to be killed there or let go on.

    python -m tests.journey.driver PHASE FILE COMMAND …

`COMMAND …` is what `manage.py` is given: a step of the consolidation. When the phase begins its
name is written to the file; the process goes on once the file is gone. Beside the phases of
`projections.consolidation.steps` there are `importing` (some rows are in the log), `saving` (the
snapshot is half written) and `certified` (the certificate is on disk, nothing is committed).
"""

import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

STEP, ROWS = 200, 3
"""Events in a part of the work, and in a part of an import: a small log has several, too."""
IMPORTING = {"committed": "importing"}
"""What the import says, and what it is called here."""


def main(wanted: str, file: Path, arguments: list[str]) -> int:
    os.environ["DJANGO_SETTINGS_MODULE"] = "infrastructure.settings"
    import django

    django.setup()

    from api.management.commands import cut_over, retire, roll_back
    from infrastructure.hosts.importing import chunk
    from projections.consolidation import host_snapshot, snapshot, steps
    from projections.engine import parallel
    from projections.engine.dialects import postgresql, sqlite
    from projections.verification.certificate import issue

    waiting_for = {wanted}

    def enter(phase: str) -> None:
        if phase in waiting_for:
            waiting_for.clear()
            beside = file.with_suffix(".new")
            beside.write_text(phase)
            beside.replace(file)
            while file.exists():
                time.sleep(0.02)

    def after(phase: str, act: Callable[..., Any]) -> Callable[..., Any]:
        def acted(*args: Any, **more: Any) -> Any:
            done = act(*args, **more)
            enter(phase)
            return done

        return acted

    postgresql.PostgreSQLTables.chunk = sqlite.SQLiteTables.chunk = parallel.STEP = STEP
    chunk.EVENTS = ROWS
    host_snapshot.import_host = partial(
        host_snapshot.import_host, on_phase=lambda phase: enter(IMPORTING.get(phase, ""))
    )
    snapshot._write_table = after("saving", snapshot._write_table)
    issue.issue = after("certified", issue.issue)
    cut_over.cut_over = partial(steps.cut_over, on_phase=enter)
    cut_over.restore_snapshot = partial(steps.restore_snapshot, on_phase=enter)
    roll_back.roll_back = partial(steps.roll_back, on_phase=enter)
    retire.retire = partial(steps.retire, on_phase=enter)

    import manage

    sys.argv = ["manage.py", *arguments]
    return manage.main()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:]))
