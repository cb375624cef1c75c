"""A program that is forked runs and ends as one that is started does."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import forked

SHOWS = """
import json, os, sys
mask = os.umask(0)
print(json.dumps([__name__, sys.argv, sys.path[0], os.getcwd(), mask, dict(os.environ),
                  sys.stdin.read(), sys.stdout.isatty()]))
print("this too", file=sys.stderr)
"""
ENDS = {
    "well": "",
    "with a code": "raise SystemExit(3)",
    "with a message": "raise SystemExit('no')",
    "by a signal": "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
}


@pytest.fixture
def script(tmp_path: Path) -> Path:
    return tmp_path / "script.py"


def test_it_sees_what_a_started_one_sees(script: Path, tmp_path: Path):
    script.write_text(SHOWS)
    env = {**os.environ, "GREETING": "höflich"}
    arguments = [str(script), "--one", "two words"]
    started = subprocess.run(
        [sys.executable, *arguments], env=env, cwd=tmp_path, input="said\n",
        capture_output=True, encoding="utf-8",
    )  # fmt: skip
    done = forked.run(arguments, env=env, cwd=tmp_path, stdin="said\n")
    assert (done.returncode, done.stdout, done.stderr) == (0, started.stdout, started.stderr)


@pytest.mark.parametrize("how", ENDS)
def test_it_ends_as_a_started_one_ends(script: Path, how: str):
    script.write_text(ENDS[how])
    started = subprocess.run([sys.executable, script], capture_output=True, encoding="utf-8")
    done = forked.run([str(script)], env=os.environ)
    assert (done.returncode, done.stderr) == (started.returncode, started.stderr)


def test_it_can_be_killed_and_says_what_it_said_before(script: Path):
    script.write_text("import time; print('here', flush=True); time.sleep(600)")
    process = forked.start([str(script)], env=os.environ)
    assert process.stdout is not None
    assert process.stdout.readline() == "here\n"
    assert process.poll() is None
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
