"""Runs a real restore command and records its life, whatever happens to the log meanwhile."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .child import Child
from .output import LIMIT, CommandOutput
from .progress import ProgressSteps
from .recorder import PATIENCE, Recorder, Unrecorded
from .signals import SignalPassing
from .transport import Body, ClientError

CHECK_FAILED = 122
NOT_WRITTEN = 123
NOT_STARTED = 125
BY_SIGNAL = 128
CHECK_SHOWN = 2_000
"""Characters of a check that are recorded."""
SHOWN = 4_096
"""Bytes of output in a heartbeat."""


@dataclass(frozen=True)
class RestoreRun:
    """What to run, and how."""

    command: Sequence[str]
    details: Body
    """Members of the request: `name`, `target_database`, `attributes`, …"""
    check: str = ""
    """A line for the shell that is run after success."""
    check_name: str = ""
    """What is recorded of it; by default the line itself."""
    capture: bool = True
    partial_codes: frozenset[int] = frozenset()
    stdout_to_stderr: bool = False
    require_log: bool = False
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    patience: float = PATIENCE


@dataclass
class RunEnded:
    """`status` is the restore's, `exit_code` the wrapper's; `problem` is why it did not start."""

    status: str
    exit_code: int
    problem: str = ""
    restore_id: str = ""
    left: Unrecorded = field(default_factory=Unrecorded)

    def facts(self) -> Body:
        """What `--json` prints."""
        return {
            "restore_id": self.restore_id,
            "status": self.status,
            "exit_code": self.exit_code,
            "recorded": not self.left.events,
        }


class Runner:
    """One restore command, from its request to its end."""

    def __init__(self, run: RestoreRun, recorder: Recorder, output: CommandOutput) -> None:
        self.job = run
        self.recorder = recorder
        self.signals = SignalPassing()
        self.output = output
        self.output.on_progress = self._progressed
        self._steps = ProgressSteps()
        self._environment = {**run.environment, "RESTORELOG_RESTORE_ID": recorder.restore_id}

    def run(self) -> RunEnded:
        """Run the command, and wait until its end is recorded, or until patience is at its end."""
        with self.signals:
            ended = self._run()
            self.signals.impatient = self.recorder.give_up
            ended.restore_id = self.recorder.restore_id
            ended.left = self.recorder.close(self.job.patience)
        return ended

    def _run(self) -> RunEnded:
        job, recorder = self.job, self.recorder
        shown = recorder.redactor.command(job.command)[:LIMIT]
        recorder.record("request", requested_at=recorder.clock.stamp(), **job.details)
        if job.require_log:
            try:
                recorder.send_now()
            except ClientError as error:
                return self._not_started(f"The log cannot record this restore: {error}")
        try:
            child = Child(
                job.command,
                self.output if job.capture else None,
                targets={1: 2 if job.stdout_to_stderr else 1, 2: 2},
                environment=self._environment,
            )
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            why = getattr(error, "strerror", None) or str(error)
            program = recorder.redactor.command(job.command[:1])
            return self._not_started(f"{program} could not be started: {why}.")
        self.signals.takes(child)
        recorder.record(
            "start",
            started_at=recorder.clock.stamp(),
            command=shown,
            host=socket.gethostname(),
            heartbeat_seconds=int(recorder.heartbeat_seconds),
        )
        recorder.heartbeat = self._heartbeat
        recorder.begin()
        code = child.wait()
        self.signals.takes(None)
        return self._ended(code, child.unwritten)

    def _ended(self, code: int, unwritten: str) -> RunEnded:
        """Record the end. `unwritten` is why the command's output is not where it should be."""
        number, now = self.signals.received, self.recorder.clock.stamp()
        exit_code = BY_SIGNAL - code if code < 0 else code
        facts: Body = {
            "exit_code": exit_code,
            "output": self.output.tail(),
            "warnings": self.output.warnings(),
            "warnings_count": self.output.warnings_count,
        }
        if unwritten:
            told = self.output.errors()
            self.recorder.record("fail", failed_at=now, message=unwritten, errors=told, **facts)
            return RunEnded("failed", exit_code or NOT_WRITTEN)
        if code == 0 or (code in self.job.partial_codes and number is None):
            outcome = "completed" if code == 0 else "partial"
            self.recorder.record("complete", completed_at=now, outcome=outcome, **facts)
            return RunEnded(outcome, self._checked(exit_code))
        if number is not None:
            name = signal.Signals(number).name
            self.recorder.record(
                "cancel",
                cancelled_at=now,
                signal=name,
                message=f"Cancelled by {name}.",
                output=facts["output"],
            )
            return RunEnded("cancelled", exit_code)
        ended: Body = {"cause": "error", "message": self.output.last_line()}
        if code < 0:
            ended = {"cause": "signal", "signal": _signal_name(-code)}
            ended["message"] = f"The command was ended by {ended['signal']}."
        elif not ended["message"]:
            ended["message"] = f"The command ended with exit code {code}."
        errors = self.output.errors()
        self.recorder.record("fail", failed_at=now, errors=errors, **ended, **facts)
        return RunEnded("failed", exit_code)

    def _checked(self, exit_code: int) -> int:
        """Run the check, if there is one; the wrapper's exit code."""
        if not self.job.check:
            return exit_code
        output = CommandOutput(self.recorder.redactor)
        words = ["/bin/sh", "-c", self.job.check]
        try:
            child = Child(
                words,
                output,
                targets={1: 2, 2: 2},
                environment=self._environment,
                stdin=subprocess.DEVNULL,
                alone=False,
            )
            self.signals.takes(child)
            code = child.wait()
            self.signals.takes(None)
        except OSError as error:
            output.feed("stderr", f"/bin/sh: {error.strerror}\n".encode())
            code = NOT_STARTED
        self.recorder.record(
            "validate",
            result="failed" if code else "passed",
            check=self.recorder.redactor.text(self.job.check_name or self.job.check)[:CHECK_SHOWN],
            output=output.tail(),
            exit_code=BY_SIGNAL - code if code < 0 else code,
            validated_at=self.recorder.clock.stamp(),
        )
        return CHECK_FAILED if code and exit_code == 0 else exit_code

    def _not_started(self, problem: str) -> RunEnded:
        self.recorder.record(
            "fail", failed_at=self.recorder.clock.stamp(), cause="not_started", message=problem
        )
        return RunEnded("failed", NOT_STARTED, problem)

    def _progressed(self) -> None:
        """Called when the output tells of progress, and with each heartbeat."""
        if self._steps.is_event(self.output.percent):
            self.recorder.record(
                "progress",
                percent=self.output.percent,
                phase=self.output.phase or None,
                at=self.recorder.clock.stamp(),
            )

    def _heartbeat(self) -> Body:
        self._progressed()
        facts: dict[str, Any] = {
            "percent": self.output.percent,
            "phase": self.output.phase or None,
            "output": self.output.tail(SHOWN),
        }
        return {name: value for name, value in facts.items() if value is not None}


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)
