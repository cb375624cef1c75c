"""The real restores that the demo runs before it serves: two end at once, two go on meanwhile."""

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

COMMAND = (sys.executable, "-m", "tests.sample_host.restore_command")
LONG, SHORT, AT_ONCE = 75.0, 40.0, 1.0
"""Seconds that a restore takes."""
TOO_SMALL = 60
"""Percent of the backup for which a disk has room."""
PATIENCE = 30
BEATS = {"HEARTBEAT_SILENCE": "15"}
"""A third of it passes between two heartbeats, so progress can be watched."""


class RestoresRun:
    """Runs restores by `run_restore`, as whoever restores something would."""

    def __init__(self, root: Path, folder: Path, backup: Path, environment: Mapping[str, str]):
        self.root, self.folder, self.backup = root, folder, backup
        self.environment = {**os.environ, **environment, **BEATS}
        self.behind: list[subprocess.Popen[bytes]] = []

    def begin(self) -> bool:
        """One that completes and is checked, one that fails; then two that go on behind.

        Returns whether the first two ended like this.
        """
        completed = self._run(self._words("orders, weekly test", "orders_test", AT_ONCE))
        failed = self._run(
            self._words("archive, to a folder that is gone", "gone/archive", AT_ONCE)
        )
        self._run_behind(
            self._words("shop, to a disk that is too small", "shop", SHORT, room=TOO_SMALL)
        )
        self._run_behind(self._words("orders, for the month's accounts", "accounts", LONG))
        return completed == 0 and failed == 1

    def end(self) -> None:
        """Stop those that still run; the log then says that they were cancelled."""
        for one in self.behind:
            if one.poll() is None:
                one.terminate()
        for one in self.behind:
            try:
                one.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                one.kill()

    def _words(self, name: str, target: str, seconds: float, room: int = 100) -> list[str]:
        file = str(self.folder / f"{target}.sqlite3")
        options = ["--name", name, "--target-database", target]
        options += ["--check", shlex.join([*COMMAND, "check", file])]
        copying = [*COMMAND, "copy", str(self.backup), file, "--seconds", f"{seconds:g}"]
        return ["run_restore", *options, "--", *copying, "--room", str(room)]

    def _run(self, words: list[str]) -> int:
        print(f"$ manage.py {shlex.join(words)}", flush=True)
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=self.root,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            check=False,
        ).returncode

    def _run_behind(self, words: list[str]) -> None:
        print(f"$ manage.py {shlex.join(words)} &", flush=True)
        self.behind.append(
            subprocess.Popen(
                [sys.executable, "manage.py", *words],
                cwd=self.root,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
