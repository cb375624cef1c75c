"""What a command prints passes through, whoever takes it, and whatever it leaves behind."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from api.client import child
from api.client.child import Child
from api.client.output import CommandOutput
from api.client.redaction import Redactor

MORE_THAN_A_PIPE = 100_000


@contextmanager
def running(script: str) -> Iterator[tuple[Child, CommandOutput, int, threading.Thread]]:
    """A command, what is noted of it, our end of its output, and the wait for its end."""
    before = set(threading.enumerate())
    ours, theirs = os.pipe()
    output = CommandOutput(Redactor({}))
    one = Child(
        ["sh", "-c", script], output, targets={1: theirs, 2: theirs}, environment=os.environ,
        alone=False,
    )  # fmt: skip
    waiting = threading.Thread(target=one.wait)
    waiting.start()
    try:
        yield one, output, ours, waiting
    finally:
        os.close(ours)
        for thread in set(threading.enumerate()) - before:
            thread.join(10)
            assert not thread.is_alive()
        os.close(theirs)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "QUIET", 0.1)
    monkeypatch.setattr(child, "LEFT_BEHIND", 0.1)
    monkeypatch.setattr(child, "GLANCE", 0.02)


def test_what_a_slow_reader_has_not_taken_is_waited_for():
    with running(f"sleep 0.2; head -c {MORE_THAN_A_PIPE} /dev/zero") as (one, _, ours, waiting):
        while one.process.returncode is None:
            time.sleep(0.02)
        waiting.join(0.5)
        assert waiting.is_alive()
        taken = 0
        while taken < MORE_THAN_A_PIPE:
            taken += len(os.read(ours, MORE_THAN_A_PIPE))
        waiting.join(10)
        assert not waiting.is_alive()


def test_what_is_being_read_when_the_command_ends_counts_as_printed(
    monkeypatch: pytest.MonkeyPatch,
):
    read = os.read

    def slowly(file: int, size: int) -> bytes:
        if threading.current_thread().name != "stdout":
            return read(file, size)
        time.sleep(0.3)  # the pipe fills up; what does not fit in it follows, and the command ends
        chunk = read(file, size)
        time.sleep(0.3)
        return chunk

    monkeypatch.setattr(os, "read", slowly)
    with running(f"head -c {MORE_THAN_A_PIPE} /dev/zero") as (_, _, ours, waiting):
        waiting.join(1.5)
        assert waiting.is_alive()
        taken = 0
        while taken < MORE_THAN_A_PIPE:
            taken += len(read(ours, MORE_THAN_A_PIPE))
        waiting.join(10)
        assert not waiting.is_alive()


def test_a_reader_that_takes_nothing_is_not_waited_for_by_somebody_impatient():
    with running(f"head -c {MORE_THAN_A_PIPE} /dev/zero") as (one, _, _, waiting):
        one.hurry()  # it still runs: that is what is waited for
        while one.process.returncode is None:
            time.sleep(0.02)
        waiting.join(0.3)
        assert waiting.is_alive()
        one.hurry()
        waiting.join(10)
        assert not waiting.is_alive()


def test_a_process_that_was_left_behind_and_never_is_quiet_is_not_waited_for_for_ever(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(child, "LEFT_BEHIND", 0.3)
    with running("(while :; do echo x; sleep 0.02; done) & sleep 0.1") as (_, _, ours, waiting):
        waiting.join(10)
        assert not waiting.is_alive()
        assert os.read(ours, 100).startswith(b"x\n")


def test_what_a_process_prints_that_was_left_behind_does_not_count():
    left_behind = (
        r"trap 'echo restorelog progress 90%; kill \$!; exit' TERM; echo \$\$; sleep 60 & wait"
    )
    with running(f'sh -c "{left_behind}" & sleep 0.3; echo restorelog progress 10%') as found:
        _, output, ours, waiting = found
        left = int(os.read(ours, 100))
        waiting.join(10)
        assert not waiting.is_alive()
        told: list[float | None] = []
        output.on_progress = lambda: told.append(output.percent)
        os.kill(left, signal.SIGTERM)
        said = b""
        while b"90%" not in said:
            said += os.read(ours, 100)
        assert (output.percent, told) == (10, [])
