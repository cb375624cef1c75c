"""Runs the databases' own programs: their messages are passed on, and the last is the reason."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import IO

from .problems import ProgramMissing, RestoreAborted
from .reporting import tell

LONGEST_ANSWER = 16 * 1024 * 1024
"""Bytes of output that are kept of a query."""


def run_program(
    words: Sequence[str],
    *,
    feed: Iterable[bytes] | None = None,
    shown: Callable[[str], bool] = lambda line: True,
) -> str:
    """Run a program to its end; what it wrote to stdout.

    `feed` is written to its stdin. `shown` is asked for each line that it writes to stderr, and
    says whether to pass it on. Raises `ProgramMissing`, and `RestoreAborted` with its last message.
    If anything else is raised meanwhile, the program is killed first.
    """
    try:
        process = subprocess.Popen(
            list(words),
            stdin=subprocess.DEVNULL if feed is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    except FileNotFoundError as error:
        raise ProgramMissing(words[0]) from error
    except OSError as error:
        raise RestoreAborted(f"{words[0]} could not be started: {error.strerror}.") from error
    assert process.stdout is not None
    assert process.stderr is not None
    answer: list[bytes] = []
    said: list[str] = []
    readers = [
        threading.Thread(target=_keep, args=(process.stdout, answer), daemon=True),
        threading.Thread(target=_pass_on, args=(process.stderr, said, shown), daemon=True),
    ]
    for reader in readers:
        reader.start()
    try:
        if feed is not None:
            _write(process, feed)
        code = process.wait()
    except BaseException:
        process.kill()
        process.wait()
        raise
    for reader in readers:
        reader.join()
    if code:
        raise RestoreAborted(f"{words[0]} failed with exit code {code}: {_reason(said)}")
    return b"".join(answer).decode("utf-8", "replace")


def _write(process: subprocess.Popen[bytes], feed: Iterable[bytes]) -> None:
    assert process.stdin is not None
    # A program that has ended early says why itself.
    with suppress(BrokenPipeError):
        for chunk in feed:
            process.stdin.write(chunk)
    with suppress(BrokenPipeError):
        process.stdin.close()


def _keep(source: IO[bytes], answer: list[bytes]) -> None:
    size = 0
    with source:
        for chunk in iter(lambda: source.read(65_536), b""):
            size += len(chunk)
            if size <= LONGEST_ANSWER:
                answer.append(chunk)


def _pass_on(source: IO[bytes], said: list[str], shown: Callable[[str], bool]) -> None:
    with source:
        for written in source:
            line = written.decode("utf-8", "replace").rstrip("\r\n")
            if shown(line):
                said.append(line)
                del said[:-50]
                tell(line, sys.stderr)


def _reason(said: Sequence[str]) -> str:
    """The first line that names an error, else the last line."""
    errors = [line for line in said if "error" in line.lower() or "fatal" in line.lower()]
    return (errors or list(said[-1:]) or ["it said nothing"])[0].strip()
