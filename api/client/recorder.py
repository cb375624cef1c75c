"""Records one restore: spools each event, sends it in the background, and sends heartbeats.

The restore never waits for the log. A thread sends what there is, tries again later if the log is
away, and tells at regular times that the restore is still running.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from .clock import SteadyClock
from .delivery import deliver, deliver_all
from .redaction import Redactor
from .spool import ENDS, Journal, Spool, SpoolUnusable
from .transport import Body, ClientError, RefusedForGood, Transport

HEARTBEAT_SECONDS = 20
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
"""Seconds between two tries while the log is away."""
SEND, LOOK = "restorelog send", "restorelog spool"
PATIENCE = 10.0
"""Seconds that the end of a restore waits for the log."""


@dataclass
class Unrecorded:
    """What is not in the log when the recorder is closed."""

    events: int = 0
    kept: bool = True
    """Whether the spool has them."""
    why: str = ""
    refused: bool = False

    def warning(self, folder: object, send: str = SEND, look: str = LOOK) -> str:
        """One line for a person; empty if everything is recorded.

        `send` and `look` are the commands that send what waits, and show what was refused.
        """
        if self.refused:
            return f"The log refused this restore: {self.why} See: {look}"
        if not self.events:
            return ""
        some = "1 event" if self.events == 1 else f"{self.events} events"
        if not self.kept:
            return f"{some} of this restore could neither be recorded nor kept: {self.why}"
        return f"{some} of this restore wait in {folder}: {self.why} To send: {send}"


@dataclass
class Recorder:
    """Takes events and heartbeats of one restore. Start it after child processes were forked."""

    transport: Transport
    spool: Spool
    redactor: Redactor
    name: str
    restore_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    heartbeat: Callable[[], Body] | None = None
    """Gives the body of a heartbeat: how far the restore is."""
    warn: Callable[[str], None] = lambda line: None
    heartbeat_seconds: float = HEARTBEAT_SECONDS
    actor: str | None = None
    """Who does this, where no login says so."""
    on_behalf_of: str | None = None
    """The person for whom it is done."""

    def __post_init__(self) -> None:
        self.clock = SteadyClock()
        self._unspooled = ""
        self._in_order = threading.Lock()
        self._running = False
        self._woken = threading.Event()
        self._hurried = threading.Event()
        self._done = threading.Event()
        self._closing = False
        self._sending = False
        self._last_try = False
        self._reached = False
        self._others_sent = False
        self._why = ""
        self._pause = FIRST_PAUSE
        self._next_beat = 0.0
        self._thread: threading.Thread | None = None
        try:
            self._journal = self.spool.create(self.restore_id, self.redactor.text(self.name))
        except SpoolUnusable as error:
            self._journal = Journal(self.restore_id, self.name)
            self._no_spool(error)

    def record(self, command: str, /, **body: Any) -> None:
        """Note an event. It is on the disk when this returns, and sent soon.

        Progress that is told after the end is left out: the log would refuse it.
        """
        with self._in_order:
            if command != "progress" or self._running:
                self._record(command, body)

    def _record(self, command: str, body: Body) -> None:
        said = {**body, "actor": self.actor, "on_behalf_of": self.on_behalf_of}
        given = {name: value for name, value in said.items() if value is not None}
        if command == "request":
            given["restore_id"] = self.restore_id
        try:
            self._journal.add(command, self.redactor.value(given))
        except SpoolUnusable as error:
            self._no_spool(error)
        if command == "start":
            self._running = True
        elif command in ENDS:
            self._running = False
        self._woken.set()

    def send_now(self) -> None:
        """Send what there is, here and now. Raises `NotReached` or `RefusedForGood`."""
        deliver(self._journal, self.transport)

    def begin(self) -> None:
        """Send in the background from now on."""
        self._sending = True
        self._thread = threading.Thread(target=self._run, name="restorelog", daemon=True)
        self._thread.start()

    def close(self, patience: float = PATIENCE) -> Unrecorded:
        """Wait until everything is recorded, but not for longer than `patience` seconds."""
        self._closing = True
        if self._thread is None:
            self.begin()
        self._woken.set()
        self._hurried.set()
        self._done.wait(patience)
        if not self._sending:
            self._settle()
        journal = self._journal
        return Unrecorded(
            events=len(journal.unsent),
            kept=journal.kept == len(journal.events),
            why=self._why or self._unspooled or "The log did not answer in time.",
            refused=journal.refusal is not None,
        )

    def give_up(self) -> None:
        """Do not wait for the log any longer: somebody is impatient."""
        self._done.set()

    def _run(self) -> None:
        try:
            while not self._done.is_set() and not self._ended():
                pass
        finally:
            self._sending = False
            if self._closing:
                self._settle()
            self._done.set()
            self.transport.close()

    def _settle(self) -> None:
        """Leave the file to whoever sends it next, or to nobody if there is nothing more to send.

        Called at the end, by the thread that sends or, if that has ended before, by the other.
        """
        journal = self._journal
        with journal.writing:
            try:
                journal.keep()  # the disk may have room again
            except SpoolUnusable:
                if journal.lock is not None:
                    with suppress(SpoolUnusable):
                        journal.keep_short()
            if journal.refusal is not None:
                journal.set_aside()
            elif not journal.unsent:
                journal.remove()
            else:
                journal.release()

    def _ended(self) -> bool:
        """Bring the log up to date, then wait for more. True if there will be no more."""
        try:
            deliver(self._journal, self.transport)
            self._reached = True
            if self._closing and not self._journal.unsent:
                return True
            if self._running and time.monotonic() >= self._next_beat:
                self._beat()
            if not self._others_sent:
                deliver_all(self.spool, self.transport, stop=self._busy)
                self._others_sent = not self._busy()
        except RefusedForGood as error:
            self._why = str(error)
            return True
        except ClientError as error:
            self._why = str(error)
            self._wait_for_the_log(getattr(error, "wait", None))
            return False
        self._why, self._pause = "", FIRST_PAUSE
        self._woken.wait(max(0.0, self._next_beat - time.monotonic()) if self._running else None)
        self._woken.clear()
        return False

    def _wait_for_the_log(self, asked: float | None) -> None:
        """For as long as it asked, else longer each time.

        At the end, one more try is made, if the log could be reached before.
        """
        if self._closing:
            if asked is None and (self._last_try or not self._reached):
                self._done.set()
            self._last_try = True
            self._done.wait(FIRST_PAUSE if asked is None else max(asked, 0.2))
            return
        self._hurried.wait(self._pause if asked is None else max(asked, 0.2))
        self._pause = min(self._pause * 2, LONGEST_PAUSE)

    def _busy(self) -> bool:
        """Whether this restore has something to send, which goes before that of others."""
        beat = self._running and time.monotonic() >= self._next_beat
        return self._closing or bool(self._journal.unsent) or beat

    def _beat(self) -> None:
        body = self.heartbeat() if self.heartbeat is not None else {}
        # Refused if the log has an end of it already, for example after too long a silence.
        with suppress(RefusedForGood):
            silence = self.transport.heartbeat(self.restore_id, self.redactor.value(body))
            if silence:
                # One that gets lost must not look like a death.
                self.heartbeat_seconds = min(HEARTBEAT_SECONDS, silence / 3)
        self._next_beat = time.monotonic() + self.heartbeat_seconds

    def _no_spool(self, error: SpoolUnusable) -> None:
        if not self._unspooled:
            self.warn(f"The spool cannot be used, so events can get lost: {error}")
        self._unspooled = f"The spool cannot be used: {error}."
