"""Maintenance that is asked for on a page: it runs in a process of its own, beside the server.

A check of two million events takes minutes, which no request may. See decision 0038.
"""

import os
import subprocess
import sys
import threading
from typing import Any

from django.conf import settings
from django.db import connection

from api.remedies import on_page
from domain.errors import RestoreLogError
from domain.events import Actor
from infrastructure.databases.own_database import refuse_read_only
from infrastructure.event_store.log import Log
from infrastructure.maintenance.models import MaintenanceRun, RunKind, RunOutcome
from infrastructure.maintenance.runs import ProgressNotes, ask, end, taken_up
from infrastructure.printable import printable
from projections.engine.rebuild import rebuild
from projections.engine.registry import projections_named
from projections.services.log_verification import verify_whole_log
from projections.services.lost_events import refuse_lost_events

MODULE = "api.maintenance_process"
UNEXPECTED = "it failed unexpectedly; the output of the service has the reason"
NICENESS = 10
"""Requests go first."""


def begin_run(kind: RunKind, *, actor: Actor, subject: str = "") -> MaintenanceRun:
    """Start a run; it goes on when the request that asked for it is answered.

    `subject` is the one table to rebuild. Raises `MaintenanceRunning`, `UnknownLabel` or
    `ReadOnlyDatabase`.
    """
    refuse_read_only(connection)
    if subject:
        projections_named([subject])
    run = ask(kind, actor=actor, subject=subject)
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", MODULE, str(run.pk)],
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        end(run, RunOutcome.FAILED, {"error": f"no process could be started: {error.strerror}"})
        return run
    # Nobody waits for its end, but the system keeps a trace of it until somebody did.
    threading.Thread(target=process.wait, name="maintenance", daemon=True).start()
    return run


def carry_out_run(number: int) -> int:
    """For the process of a run: do what it asks and note what came of it; the exit code."""
    os.nice(NICENESS)
    with taken_up(number) as run:
        if run is None:
            return 1
        work = {RunKind.VERIFY: _verify, RunKind.REBUILD: _rebuild}[RunKind(run.kind)]
        try:
            outcome, result = work(run, ProgressNotes(run))
        except RestoreLogError as error:
            outcome, result = RunOutcome.FAILED, {"error": printable(error.message.said(on_page))}
        except Exception:
            end(run, RunOutcome.FAILED, {"error": UNEXPECTED})
            raise
        end(run, outcome, result)
    return 0


def _verify(run: MaintenanceRun, notes: ProgressNotes) -> tuple[RunOutcome, dict[str, Any]]:
    found = verify_whole_log(Log(), progress=notes.progress)
    chain = found.chain
    result = {
        "position": chain.events,
        "head": chain.head,
        "chain": "whole" if chain.ok else "contradicted" if chain.contradiction else "broken",
        "first_bad": chain.first_bad,
        "problem": printable(chain.problem),
        "findings": [
            {
                "code": one.code,
                "problem": printable(one.problem.said(on_page)),
                "position": one.position,
            }
            for one in found.findings
        ],
    }
    return RunOutcome.DONE if found.ok else RunOutcome.FOUND, result


def _rebuild(run: MaintenanceRun, notes: ProgressNotes) -> tuple[RunOutcome, dict[str, Any]]:
    refuse_lost_events(Log())
    labels = [run.subject] if run.subject else None
    rebuilt = rebuild(labels, progress=notes.progress, on_phase=notes.phase)
    tables = [
        {"label": label, "rows": one.rows, "withheld": one.withheld, "digest": one.digest}
        for label, one in rebuilt.projections.items()
    ]
    return RunOutcome.DONE, {"position": rebuilt.position, "tables": tables}
