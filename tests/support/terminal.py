"""The service as a person at a terminal runs it: it asks, and gets an answer."""

import os
import pty
import select
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

PATIENCE = 120
ASKED = "Type yes: "


def run(
    command: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    answer: str = "yes",
) -> "subprocess.CompletedProcess[str]":
    """Run a command at a terminal of its own, and answer when it asks. `stdout` is what it showed.

    Standard output goes to the terminal too, as it does for a person.
    """
    ours, its = pty.openpty()
    process = subprocess.Popen(
        list(command), stdin=its, stdout=its, stderr=its, env=env, cwd=cwd, start_new_session=True
    )
    os.close(its)
    shown, deadline = b"", time.monotonic() + PATIENCE
    try:
        while True:
            assert time.monotonic() < deadline, f"it does not end: {shown!r}"
            if not select.select([ours], [], [], 1)[0]:
                continue
            try:
                read = os.read(ours, 65_536)
            except OSError:  # nobody has the other end any more
                break
            if not read:
                break
            before, shown = shown, shown + read
            if ASKED.encode() in shown and ASKED.encode() not in before:
                os.write(ours, f"{answer}\n".encode())
        process.wait(PATIENCE)
    finally:
        os.close(ours)
        if process.poll() is None:
            process.kill()
            process.wait()
    text = shown.decode(errors="replace")
    return subprocess.CompletedProcess(list(command), process.returncode, text, text)
