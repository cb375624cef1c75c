"""The command: a process whose output passes through unchanged while it is looked at.

Standard input is inherited, so the command reads it itself. An output that is a terminal stays a
terminal for the command (colours, progress bars): it gets one of its own, of which every byte is
copied. The controlling terminal is never touched. So passwords are typed, Ctrl-C and Ctrl-Z work as
without the wrapper, and the terminal stays in order if the wrapper is killed. Other outputs are
pipes.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import select
import signal
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from .output import CommandOutput

CHUNK = 65_536
QUIET = 1.0
"""Seconds without output after which a process that was left behind is not waited for."""
LEFT_BEHIND = 10.0
"""Seconds after which such a process is not waited for, however much it prints."""
GLANCE = 0.1
PR_SET_PDEATHSIG = 1
NAMES = {1: "stdout", 2: "stderr"}

try:
    _prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None
except (OSError, AttributeError):
    _prctl = None


class Child:
    """A running command. Raises `OSError` if it cannot be started."""

    def __init__(
        self,
        command: Sequence[str],
        output: CommandOutput | None,
        *,
        targets: Mapping[int, int],
        environment: Mapping[str, str],
        stdin: int | None = None,
        alone: bool = True,
    ) -> None:
        """`targets` says where the command's 1 and 2 go to. Without `output` they are inherited.

        `alone` says that this process has no other threads, so that code can run in the new one
        before the command does.
        """
        self.in_own_group = alone and not _has_terminal()
        self._output = output
        self._pumps: list[_Pump] = []
        self._terminals: dict[str, int] = {}
        self._theirs: list[int] = []
        self._hurried = False
        ours = os.getpid()

        def prepare() -> None:
            _prepare(ours, own_group=self.in_own_group)

        theirs = {number: self._end(number, target) for number, target in targets.items()}
        try:
            self.process = subprocess.Popen(
                list(command),
                stdin=stdin,
                stdout=theirs[1],
                stderr=theirs[2],
                env=dict(environment),
                preexec_fn=prepare if alone else None,
            )
        except BaseException:
            for pump in self._pumps:
                pump.close()
            raise
        finally:
            for end in self._theirs:
                os.close(end)

    def wait(self) -> int:
        """Pass its output on until it has ended: its exit code, or minus its signal."""
        for pump in self._pumps:
            pump.start()
        code = self.process.wait()
        for pump in self._pumps:
            self._drain(pump)
        if self._output is not None:
            self._output.finish()
        return code

    def _drain(self, pump: _Pump) -> None:
        """Wait until all that was printed is passed on, however slowly it is taken.

        A server that the command started in the background may hold the pipe for ever: it is not
        waited for once it is quiet, nor for what it prints later on.
        """
        printed, end = pump.printed(), time.monotonic()
        last = end
        while pump.is_alive() and not self._hurried:
            now = time.monotonic()
            if pump.has_more():
                last = now
            if now - last >= QUIET or (now - end >= LEFT_BEHIND and pump.passed >= printed):
                break
            pump.join(GLANCE)

    @property
    def unwritten(self) -> str:
        """Why its stdout could not be passed on; empty if it was, or if its reader has left."""
        return next((pump.problem for pump in self._pumps if pump.problem), "")

    def hurry(self) -> None:
        """Do not wait for output any longer, if the command has ended: somebody is impatient."""
        self._hurried = self.process.returncode is not None

    def send_signal(self, number: int) -> None:
        """To the command and, without a terminal, to all that it has started."""
        with suppress(ProcessLookupError, PermissionError):
            if self.in_own_group:
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)

    def resized(self) -> None:
        """Tell the command's terminals how big ours is now."""
        for pump in self._pumps:
            if pump.is_terminal:
                _copy_size(pump.target, pump.source)

    def _end(self, number: int, target: int) -> int:
        """The command's end of an output."""
        if self._output is None:
            return target
        if not os.isatty(target):
            ours, theirs = os.pipe()
            self._theirs.append(theirs)
            self._pumps.append(_Pump(ours, target, self._output, NAMES[number]))
            return theirs
        name = os.ttyname(target)
        if name not in self._terminals:
            try:
                ours, theirs = os.openpty()
            except OSError:
                return target  # there are no more terminals: it works without being recorded
            self._theirs.append(theirs)
            _make_alike(target, theirs)
            self._pumps.append(_Pump(ours, target, self._output, "terminal", is_terminal=True))
            self._terminals[name] = theirs
        return self._terminals[name]


class _Pump(threading.Thread):
    """Copies one output, byte for byte, and has it looked at."""

    def __init__(
        self,
        source: int,
        target: int,
        output: CommandOutput,
        name: str,
        *,
        is_terminal: bool = False,
    ) -> None:
        super().__init__(name=name, daemon=True)
        self.source = source
        self.target = target
        self.output = output
        self.is_terminal = is_terminal
        self.problem = ""
        self.passed = 0
        """Bytes that were passed on and looked at."""
        self._taken = 0
        self._taking = threading.Lock()
        self._reader_is_there = True
        self._busy = False
        self._printed = select.poll()
        self._printed.register(source, select.POLLIN)

    def printed(self) -> int:
        """Bytes that were printed so far."""
        with self._taking:  # or what is being read would be missing
            try:
                waiting = fcntl.ioctl(self.source, termios.FIONREAD, b"\0" * 4)
            except OSError:
                return self._taken
            return self._taken + int.from_bytes(waiting, sys.byteorder)

    def has_more(self) -> bool:
        """Whether something was printed that is not passed on yet."""
        return self._busy or bool(self._printed.poll(0))

    def run(self) -> None:
        waiting = select.poll()
        waiting.register(self.source, select.POLLIN)
        while True:
            waiting.poll()
            self._busy = True  # before it is read: nobody shall see neither
            try:
                with self._taking:  # there is something to read, so nobody waits for this
                    chunk = os.read(self.source, CHUNK)
                    self._taken += len(chunk)
            except OSError:
                break  # the other end of a terminal was closed
            if not chunk:
                break
            self._pass_on(chunk)
            self.output.feed(self.name, chunk, text=self.name != "stdout")
            self.passed = self._taken
            if not self._reader_is_there and not self.is_terminal:
                break  # the command shall notice, as without us
            self._busy = False
        self.close()

    def close(self) -> None:
        with suppress(OSError):
            os.close(self.source)

    def _pass_on(self, chunk: bytes) -> None:
        rest = memoryview(chunk)
        while rest and self._reader_is_there:
            try:
                rest = rest[os.write(self.target, rest) :]
            except BlockingIOError:
                select.select([], [self.target], [])
            except OSError as error:
                gone = error.errno == errno.EPIPE or self.is_terminal
                if self.name == "stderr" and not gone:
                    return  # a command goes on if its messages get lost
                self._reader_is_there = False
                if not gone:
                    self.problem = f"Its output could not be written: {error.strerror}."


def _prepare(parent: int, *, own_group: bool) -> None:
    """In the new process: end with the wrapper; be a group if no terminal sends signals to it."""
    if own_group:
        os.setpgid(0, 0)
    if _prctl is not None:
        _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)


def _has_terminal() -> bool:
    """Whether this process has a controlling terminal."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def in_foreground() -> bool:
    """Whether the terminal sends Ctrl-C to this process, and so to the command as well."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


def _make_alike(real: int, copy: int) -> None:
    """The same settings and size. Only ours changes line ends, so they are changed once."""
    with suppress(termios.error):
        settings: list[Any] = termios.tcgetattr(real)
        settings[1] &= ~termios.OPOST
        termios.tcsetattr(copy, termios.TCSANOW, settings)
    _copy_size(real, copy)


def _copy_size(real: int, copy: int) -> None:
    with suppress(OSError):
        size = fcntl.ioctl(real, termios.TIOCGWINSZ, b"\0" * 8)
        fcntl.ioctl(copy, termios.TIOCSWINSZ, size)
