"""Killing a step of the consolidation, and looking at what is left of it."""

import os
import resource
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from random import Random

from django.db import connections

from tests.conftest import fresh, use
from tests.journey.host_writer import HostWriter
from tests.journey.stage import Stage, drop_stage, make_stage
from tests.projections.engine.tables import generations, leftovers, schema
from tests.support import forked, here, postgres, raw, service
from tests.support.forked import Process

CUT_OVER = (
    "import", "importing", "snapshot", "saving", "prepare", "load", "finish", "verify", "switch",
    "certified", "commit", "done",
)  # fmt: skip
ROLL_BACK = ("prepare", "catch_up", "switch", "commit", "done")
PHASES = {"cut_over": CUT_OVER, "roll_back": ROLL_BACK}
AFTER = {
    "cut_over": "cut_over",
    "roll_back": "rolled_back",
    "restore_snapshot": "rolled_back",
    "retire": "retired",
}
"""What `consolidation` says once a step was taken."""
WIDE = ("cut_over", "retired")
"""In which of them the consolidated tables hold the legacy rows."""
CONSOLIDATED = ("system_backups.RestoreLog", "system_backups.BackupLog")
LEGACY = ("database_management.RestoreLog", "database_management.BackupLog")
ROWS = 120
FULL = 100_000
"""Bytes that a file may have on a disk that is full."""
FILES = ("certificate", "snapshot")
WRITES = 12
PATIENCE = 120


class Steps:
    """A stage on which steps are taken, or begun and killed."""

    def __init__(self, stage: Stage, migrated: list[raw.Row], folder: Path) -> None:
        self.stage = stage
        self.migrated = migrated
        self.folder = folder
        self.seed = 0

    def arguments(self, step: str, workers: int = 1) -> list[str]:
        """The command line of a step. The files are the same ones, but that a cut-over overwrites
        neither what another one saved nor its certificate.
        """
        if step == "retire":
            certificate = f"--certificate={self.file('certificate-retired')}"
            return [step, "--yes", "--json", "--reason=the old app is gone", certificate]
        if step == "restore_snapshot":
            first = self.proof(0)["snapshot"]
            return ["cut_over", "--yes", "--json", f"--restore-snapshot={first}"]
        arguments = [step, "--yes", "--json", f"--workers={workers}"]
        if step == "cut_over":
            files = self.proof(self.cut_overs()) | {"export": self.file("export")}
            arguments += [f"--{name}={file}" for name, file in files.items()]
        return arguments

    def file(self, name: str) -> Path:
        return self.folder / name

    def proof(self, earlier: int) -> dict[str, Path]:
        """What stays of a cut-over with so many before it."""
        number = f"-{earlier}" if earlier else ""
        return {name: self.file(f"{name}{number}") for name in ("certificate", "snapshot")}

    def cut_overs(self) -> int:
        """How many there were."""
        history = self.run("consolidation", "--json").json["history"]
        return [one["event"] for one in history].count("consolidation.CutOver")

    def write(self) -> None:
        """Host and service go on: there is something to import, and something to catch up with."""
        self.seed += 1
        with raw.connect(self.stage.host) as connection:
            writer = HostWriter(connection, Random(self.seed))
            for _ in range(WRITES):
                writer.write()
        self.stage.record(WRITES, self.seed % 12)

    def run(self, *arguments: str, check: bool = True) -> service.Result:
        """A command, in this process."""
        return here.run(*arguments, source=self.stage.host, check=check)

    def start(self, phase: str, *arguments: str) -> Process:
        """A step in a process of its own that waits in this phase."""
        self.file("phase").unlink(missing_ok=True)
        return self.begin(
            "tests.journey.driver", phase or "never", str(self.file("phase")), *arguments
        )

    def begin(self, module: str, *arguments: str) -> Process:
        """A module in a process of its own.

        What it says goes to files: it can be more than a pipe holds that nobody reads from.
        """
        with self.file("said").open("w") as said, self.file("complained").open("w") as complained:
            return forked.start(
                ["-m", module, *arguments],
                env=service.environment(
                    database=self.stage.service, source=self.stage.host, env=self.stage.environment
                ),
                stdout=said,
                stderr=complained,
            )

    def ended(self, process: Process) -> service.Result:
        """Wait for its end, and what it said."""
        process.wait(PATIENCE)
        said, complained = (self.file(name).read_text() for name in ("said", "complained"))
        return service.Result(process.returncode, said, complained, None)

    def waits_in(self, process: Process, phase: str) -> bool:
        """Wait until it waits there, or has ended without coming to it."""
        deadline = time.monotonic() + PATIENCE
        while not self.file("phase").exists() and process.poll() is None:
            assert time.monotonic() < deadline, f"it neither comes to {phase} nor ends"
            time.sleep(0.02)
        if not self.file("phase").exists():
            return False
        assert self.file("phase").read_text() == phase
        return process.poll() is None

    def let_go(self, process: Process) -> service.Result:
        """Let it go on, and wait for its end."""
        self.file("phase").unlink()
        return self.ended(process)

    def killed_in(self, step: str, phase: str, workers: int = 1) -> bool:
        """Kill the step while it is in this phase; False if it ended without coming to it."""
        process = self.start(phase, *self.arguments(step, workers))
        try:
            was_there = self.waits_in(process, phase)
        finally:
            was_alive = self._kill(process)
        assert was_alive == was_there
        return was_there

    def killed_after(self, step: str, seconds: float, workers: int = 1) -> bool:
        """Kill the step at any moment of its work; False if it was done before."""
        process = self.start("", *self.arguments(step, workers))
        time.sleep(seconds)
        return self._kill(process)

    def _kill(self, process: Process) -> bool:
        process.send_signal(signal.SIGKILL)
        done = self.ended(process)
        assert done.code in (0, -signal.SIGKILL), done
        self.let_the_server_notice()
        return done.code == -signal.SIGKILL

    def let_the_server_notice(self) -> None:
        """Wait until it knows that nobody is there any more, if there is a server."""
        if self.stage.vendor != "postgresql":
            return
        busy = (
            "SELECT (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND state <> 'idle')"
            " + (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database()))"
        )
        deadline = time.monotonic() + PATIENCE
        while raw.value(self.stage.service, busy):
            assert time.monotonic() < deadline, "the server still works for a dead process"
            time.sleep(0.02)

    def lose_the_database(self, process: Process) -> None:
        """End all sessions of a running step; on SQLite, which has none, let its disk be full."""
        if self.stage.vendor == "postgresql":
            connections.close_all()
            raw.rows(
                self.stage.service,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )
        else:
            # Small files, and what it says, can still be written.
            limits = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (FULL, limits[1]))

    @contextmanager
    def without_a_database(self, server: Process) -> Iterator[None]:
        """A server's database is lost now, and on SQLite until the end of the block."""
        limits = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
        self.lose_the_database(server)
        try:
            yield
        finally:
            resource.prlimit(server.pid, resource.RLIMIT_FSIZE, limits)

    def lost_in(self, step: str, phase: str) -> service.Result:
        """Take a step whose database is lost in this phase, and see what it says."""
        process = self.start(phase, *self.arguments(step))
        if not self.waits_in(process, phase):
            return self.ended(process)
        self.lose_the_database(process)
        return self.let_go(process)

    def lost_after(self, step: str, seconds: float) -> service.Result:
        """The same, at any moment of its work."""
        process = self.start("", *self.arguments(step))
        time.sleep(seconds)
        if process.poll() is None:
            self.lose_the_database(process)
        return self.ended(process)

    def assert_told(self, result: service.Result) -> None:
        """Done, with what was done; or not, with one line of why."""
        assert result.code in (0, 2), result
        if result.code == 2:
            assert (result.out, result.err.count("\n")) == ("", 1), result

    def assert_only_named_files(self) -> None:
        """No certificate, no rows and no snapshot but those that the log names."""
        history = self.run("consolidation", "--json").json["history"]
        named = {one[key] for one in history for key in FILES if one.get(key)}
        for file in self.folder.iterdir():
            if file.name.startswith(("certificate", "snapshot")):
                assert sha256(file.read_bytes()).hexdigest() in named, file
            assert not file.name.endswith(".partial"), file
        # Rows are named by the certificate beside them; every cut-over here writes them anew.
        if not any(one["event"] == "consolidation.CutOver" for one in history):
            assert not self.file("export").exists()

    def state(self) -> str:
        """What `consolidation` says, if `projections` says it too, of all the tables alike."""
        state = self.run("consolidation", "--json").json["state"]
        projections = self.run("projections", "--json").json["projections"]
        consolidated = "all" if state in WIDE else "native"
        assert {one["label"]: (one["scope"], one["state"]) for one in projections} == {
            **dict.fromkeys(CONSOLIDATED, (consolidated, "live")),
            **dict.fromkeys(LEGACY, ("native", "live")),
            # The sums are over all rows, whatever the state.
            "statistics.RestoreSums": ("all", "live"),
            # It has every row's versions, whatever the scope in force.
            "row_versions.RestoreVersion": ("all", "live"),
        }
        return str(state)

    def checked_state(self) -> str:
        """The state, once everything there is has been found to be as it must be in it."""
        state = self.state()
        self.run("import_host")  # what a killed import had not come to
        assert self.state() == state
        self.stage.assert_tables("all" if state in WIDE else "native")
        assert self.run("verify", "--json").json["equal"]
        assert self.run("verify_log", "--json").json["ok"]
        return state

    def take(self, step: str) -> None:
        """Take the step, whole; everything is as it must be and nothing is left over."""
        self.run(*self.arguments(step))
        assert self.checked_state() == AFTER[step]
        if step == "cut_over":
            self.assert_files()
        self.assert_nothing_left()

    def complete(self, step: str, before: str, after: str) -> None:
        """Run a step again that was killed: it is taken, or it says that it was taken already."""
        state = self.checked_state()
        assert state in (before, after)
        if state == before:
            self.take(step)
            return
        again = self.run(*self.arguments(step), check=False)
        said = {"cut_over": "it has been cut over", "roll_back": "it has been rolled back"}
        assert (again.code, again.err.count("\n")) == (2, 1)
        assert said[step] in again.err
        if step == "cut_over":
            self.assert_files()

    def assert_files(self) -> None:
        """The certificate and the snapshot are the ones that the log names."""
        history = self.run("consolidation", "--json").json["history"]
        (*_, last) = cut = [one for one in history if one["event"] == "consolidation.CutOver"]
        for name, file in self.proof(len(cut) - 1).items():
            assert sha256(file.read_bytes()).hexdigest() == last[name]

    def assert_nothing_left(self) -> None:
        """No table, no name and no half-written file of a killed process."""
        assert leftovers(self.stage.service) == []
        assert schema(self.stage.service) == self.migrated
        assert "building" not in {state for _, state in generations(self.stage.service)}
        assert [name for name in os.listdir(self.folder) if name.endswith(".partial")] == []


@contextmanager
def small_steps(templates: dict[str, str], vendor: str, folder: Path) -> Iterator[Steps]:
    """A small host, imported, whose consolidation can be killed."""
    (folder / "migrated").mkdir()
    (folder / "files").mkdir()
    empty = fresh(templates, vendor, folder / "migrated")
    migrated = schema(empty)
    if vendor == "postgresql":
        postgres.drop_database(empty)
    stage = make_stage(templates, vendor, folder, rows=ROWS)
    use(stage.service)
    try:
        yield Steps(stage, migrated, folder / "files")
    finally:
        connections.close_all()
        drop_stage(stage)
