"""Runs of maintenance as tests need them: carried out to their end, or at work until told."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from infrastructure.maintenance.models import MaintenanceRun, RunKind
from infrastructure.maintenance.runs import ask
from tests.support.service import ROOT, environment
from tests.support.waiting import wait_until

AT_WORK = """
import os, sys, time
os.environ["DJANGO_SETTINGS_MODULE"] = "infrastructure.settings"
import django
django.setup()
from infrastructure.maintenance.runs import ProgressNotes, taken_up
with taken_up(int(sys.argv[1])) as run:
    ProgressNotes(run).progress(400_000, 1_000_000)
    print("at work", flush=True)
    time.sleep(600)
"""


def carried_out() -> MaintenanceRun:
    """The last run that was asked for, when its process has noted its end."""
    wait_until(lambda: not MaintenanceRun.objects.filter(slot=1).exists())
    return MaintenanceRun.objects.latest("pk")


@contextmanager
def at_work(database: str, kind: RunKind) -> Iterator["subprocess.Popen[str]"]:
    """The process of a run that goes on for the block, unless it is killed."""
    run = ask(kind, actor="grace")
    process = subprocess.Popen(
        [sys.executable, "-c", AT_WORK, str(run.pk)],
        cwd=ROOT,
        env=environment(database=database, source=None, env={"DEBUG": "1"}),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "at work\n"
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
