"""Record a restore from Python: `with log.restore("orders", target="orders") as r: …`

The block is the restore. Its start, its end and an exception are recorded, and heartbeats while it
lasts. If the log cannot be reached, the block still runs; what is to be recorded waits in the
spool, as with `restorelog run`.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from .commands.parsing import NAME_LONGEST, TARGET_LONGEST
from .commands.printing import complain
from .configuration import Configuration, read_configuration
from .http_transport import HttpTransport
from .output import ERRORS, LISTED, LONGEST, CommandOutput
from .progress import ProgressSteps
from .recorder import Recorder
from .redaction import Redactor
from .spool import Spool
from .transport import Body, ClientError, Transport


class RunningRestore:
    """What the block can tell while it runs."""

    def __init__(self, recorder: Recorder) -> None:
        self.restore_id = recorder.restore_id
        self.outcome = "completed"
        """Set it to `partial` if not everything was restored."""
        self._recorder = recorder
        self._output = CommandOutput(recorder.redactor)
        self._steps = ProgressSteps()
        self._percent: float | None = None
        self._phase = ""
        self._warnings: list[str] = []
        self._warnings_count = 0

    def progress(self, percent: float | None = None, phase: str = "") -> None:
        """How far it is, and what it does. Shown live; an event only at each tenth."""
        self._percent, self._phase = percent, phase
        self._note_progress()

    def warn(self, text: str) -> None:
        """Something was not as it should be, and the restore went on."""
        self._warnings_count += 1
        if len(self._warnings) < LISTED:
            self._warnings.append(text[:LONGEST])

    def output(self, text: str) -> None:
        """A line of output to be recorded with the end; the last 64 KB are."""
        self._output.feed("output", text.encode("utf-8", "replace") + b"\n", text=True)

    def heartbeat(self) -> Body:
        """The body of a heartbeat."""
        self._note_progress()
        facts: Body = {"percent": self._percent, "phase": self._phase or None}
        return {name: value for name, value in facts.items() if value is not None}

    def facts(self) -> Body:
        """What is recorded with the end."""
        return {
            "output": self._output.tail(),
            "warnings": self._warnings,
            "warnings_count": self._warnings_count,
        }

    def _note_progress(self) -> None:
        if self._steps.is_event(self._percent):
            self._recorder.record(
                "progress",
                percent=self._percent,
                phase=self._phase or None,
                at=self._recorder.clock.stamp(),
            )


@contextmanager
def restore(
    name: str,
    *,
    target: str | None = None,
    backup: int | str | None = None,
    restore_type: str | None = None,
    trigger: str | None = None,
    overwrite: bool = False,
    attributes: Mapping[str, Any] | None = None,
    message: str | None = None,
    on_behalf_of: str | None = None,
    require_log: bool = False,
    configuration: Configuration | None = None,
    transport: Transport | None = None,
) -> Iterator[RunningRestore]:
    """Record the block as a restore.

    `backup` is a backup's number or UUID. With `require_log`, raises `NotReached` or
    `RefusedForGood` if the log cannot record the restore, and the block does not run; otherwise
    the log never raises anything here. A `KeyboardInterrupt` is recorded as cancelled, any other
    exception as failed; each goes on to the caller.
    """
    settings = configuration or read_configuration()
    redactor = Redactor(os.environ)
    log = transport or HttpTransport(settings, learn=redactor.learn)
    if require_log:
        log.probe()
    spool = Spool(settings.spool)
    recorder = Recorder(log, spool, redactor, name, warn=complain, on_behalf_of=on_behalf_of)
    now = recorder.clock.stamp
    recorder.record(
        "request",
        requested_at=now(),
        name=name[:NAME_LONGEST],
        source_backup=backup,
        restore_type=restore_type,
        trigger_type=trigger,
        target_database=target and target[:TARGET_LONGEST],
        is_overwrite=overwrite or None,
        attributes=dict(attributes) if attributes else None,
        message=message,
    )
    if require_log:
        _require(recorder)
    running = RunningRestore(recorder)
    recorder.record(
        "start",
        started_at=now(),
        command=redactor.command(sys.orig_argv) if hasattr(sys, "orig_argv") else None,
        host=socket.gethostname(),
        heartbeat_seconds=int(recorder.heartbeat_seconds),
    )
    recorder.heartbeat = running.heartbeat
    recorder.begin()
    try:
        yield running
    except BaseException as error:
        _record_exception(recorder, running, error)
        raise
    else:
        recorder.record("complete", completed_at=now(), outcome=running.outcome, **running.facts())
    finally:
        warning = recorder.close().warning(spool.folder)
        if warning:
            complain(redactor.text(warning))


def _require(recorder: Recorder) -> None:
    """Record the request now, or record that the block did not run, and raise."""
    try:
        recorder.send_now()
    except ClientError as error:
        problem = f"The log cannot record this restore: {error}"
        now = recorder.clock.stamp()
        recorder.record("fail", failed_at=now, cause="not_started", message=problem)
        recorder.close()
        raise


def _record_exception(recorder: Recorder, running: RunningRestore, error: BaseException) -> None:
    """How a block ended that did not come to its end."""
    now, facts = recorder.clock.stamp(), running.facts()
    said = f"{type(error).__name__}: {error}".rstrip(": ")
    if isinstance(error, KeyboardInterrupt):
        recorder.record(
            "cancel", cancelled_at=now, signal="SIGINT", message="Cancelled by SIGINT.",
            output=facts["output"],
        )  # fmt: skip
    elif isinstance(error, SystemExit) and not error.code:
        recorder.record("complete", completed_at=now, outcome=running.outcome, **facts)
    else:
        recorder.record(
            "fail", failed_at=now, cause="error", message=said[:LONGEST], errors=[said][:ERRORS],
            **facts,
        )  # fmt: skip
