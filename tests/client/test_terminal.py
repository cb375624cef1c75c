"""The wrapper at a real terminal: the command has it as its own, and Ctrl-C reaches it."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

from tests.client.support import environment, spooled
from tests.support.service import ROOT

PATIENCE = 60


def at_terminal(
    folder: Path, script: str, typed: dict[str, bytes], *, size: tuple[int, int] = (33, 77)
) -> tuple[int, str]:
    """Run a script under the wrapper at a terminal of its own, and type what is asked for.

    `typed` maps what the terminal shows to what is typed then. The exit code, and all it showed.
    """
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))

    def take_terminal() -> None:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    process = subprocess.Popen(
        [sys.executable, "-m", "api.client", "run", "--name=x", "--", "sh", "-c", script],
        cwd=ROOT, env=environment(folder), stdin=its, stdout=its, stderr=its,
        preexec_fn=take_terminal,
    )  # fmt: skip
    os.close(its)
    shown, waiting, deadline = b"", dict(typed), time.monotonic() + PATIENCE
    while True:
        assert time.monotonic() < deadline, f"it does not end: {shown!r}"
        if not select.select([ours], [], [], 1)[0]:
            continue
        try:
            read = os.read(ours, 65_536)
        except OSError:
            break
        if not read:
            break
        shown += read
        for prompt in [one for one in waiting if one.encode() in shown]:
            os.write(ours, waiting.pop(prompt))
    code = process.wait(PATIENCE)
    os.close(ours)
    return code, shown.decode().replace("\r\n", "\n")


def test_the_command_has_the_terminal_and_its_output_is_recorded(tmp_path: Path):
    script = (
        "test -t 0 && test -t 1 && test -t 2 && echo a terminal; stty size <&1;"
        "printf 'name? '; read name; echo \"hello $name\"; printf '\\033[1mbold\\033[0m\\n'"
    )
    code, shown = at_terminal(tmp_path, script, {"name? ": b"ada\n"})
    assert code == 0
    assert "a terminal\n33 77\n" in shown
    assert "hello ada\n\x1b[1mbold\x1b[0m\n" in shown
    ((*_, end),) = spooled(tmp_path)
    assert end["body"]["output"] == "a terminal\n33 77\nname? hello ada\nbold\n"


def test_a_password_is_typed_unseen(tmp_path: Path):
    script = "stty -echo; printf 'Password: '; read word; stty echo; echo; echo ${#word} letters"
    code, shown = at_terminal(tmp_path, script, {"Password: ": b"Zu4eeN01\n"})
    assert (code, "8 letters" in shown, "Zu4eeN01" in shown) == (0, True, False)


def test_ctrl_c_reaches_the_command_once_and_is_recorded_as_cancelled(tmp_path: Path):
    script = (
        "trap 'n=$((n+1)); echo caught $n' INT; echo ready;"
        'while [ -z "$n" ]; do sleep 0.05; done; sleep 0.3; echo $n times; exit 9'
    )
    code, shown = at_terminal(tmp_path, script, {"ready": b"\x03"})
    assert code == 9
    assert "caught 1" in shown
    assert "1 times" in shown
    ((*_, end),) = spooled(tmp_path)
    assert (end["command"], end["body"]["signal"]) == ("cancel", "SIGINT")


def test_ctrl_c_ends_a_command_that_does_not_catch_it(tmp_path: Path):
    code, _ = at_terminal(tmp_path, "echo ready; exec sleep 600", {"ready": b"\x03"})
    assert code == 130
    ((*_, end),) = spooled(tmp_path)
    assert end["command"] == "cancel"
