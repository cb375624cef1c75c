"""The demo: the whole journey of a sample host, then the service. `make demo` runs it.

Imported, rebuilt, verified, cut over; host and service write on; rolled back, cut over again, the
certificate checked. A line at each step says what was proven. Everything it makes is in
`var/demo`, made anew each time. Each step is a command that anybody could type; it is printed
before it runs.
"""

import argparse
import json
import os
import shlex
import shutil
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from tests.sample_host.restores_run import RestoresRun

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sys.executable
CHECK = "projections/verification/certificate/check_certificate.py"


class StepFailed(Exception):
    """A step ended with another exit code than it should have; it has said why."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.sample_host.demo", description=__doc__)
    parser.add_argument("--serve", type=int, choices=(0, 1), default=1)
    parser.add_argument("--rows", type=int, default=2_000, help="in each of the host's tables")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "demo")
    options = parser.parse_args()
    try:
        if options.serve:
            refuse_port_in_use(options.port)
        demo = Demo(options.folder)
        equal = demo.journey(options.rows)
        if not options.serve:
            return 0 if equal else 1
        return demo.serve(options.port)
    except StepFailed as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 0


def refuse_port_in_use(port: int) -> None:
    """Before the work: whoever answers there may be an earlier demo, on the same files."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise StepFailed(
                f"Port {port} cannot be used ({error.strerror}): is another demo still running? "
                "Stop it, or do without the server: make demo SERVE=0"
            ) from error


class Demo:
    """A host, a service, and what is done with them, in a folder of its own, made anew."""

    def __init__(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.folder = Path(os.path.relpath(folder, ROOT)) if folder.is_relative_to(ROOT) else folder
        self.host = folder / "host.sqlite3"
        self.service = folder / "restorelog.sqlite3"
        self.variables = {
            "DEBUG": "1",
            "DATABASE_URL": f"sqlite:///{self.service}",
            "SOURCE_DATABASE_URL": f"sqlite:///{self.host}",
            "SIGNING_KEY_FILE": str(folder / "signing-key.pem"),
        }

    def journey(self, rows: int) -> bool:
        """Every step; whether all tables were equal to the host's after each of them."""
        step(f"A host with {rows:,} restores in each of its two tables, odd ones among them")
        print("Its columns are those of the product that the plan was written for.")
        self.sample_host("make", "--rows", str(rows))
        proven("Nothing yet. This is what must not be lost.")

        step("A database for the service: the log, the projections, the accounts")
        self.manage("migrate", "--verbosity", "0")
        proven("Nothing yet. The log is empty.")

        step("Import: every host row becomes an event, verbatim")
        before = sha256(self.host.read_bytes())
        self.manage("import_host")
        require(sha256(self.host.read_bytes()).digest() == before.digest(), "the host was written")
        proven("The host was only read: its file is the same, byte for byte.")

        step("Import again")
        position = self.position()
        self.manage("import_host")
        require(self.position() == position, "something was recorded twice")
        proven("Nothing is recorded twice: the log did not grow.")

        step("Rebuild: all four tables, replayed from the log alone")
        self.manage("rebuild")
        proven("The log is enough to make them. Whether they are right, the next step says.")

        step("Verify: the log's hash chain; and each row against the host, by a way of its own")
        self.manage("verify_log")
        equal = self.verified("Both tables came back from the log, row for row.")

        step("A key for certificates, and its public half for whoever checks them")
        self.manage("signing_key", "--create", "--public", self.file("public-key.pem"))
        proven("Nothing yet. From here on what is proven can be signed.")

        step("Cut over: the consolidated tables take in the legacy rows, in one transaction")
        self.manage("cut_over", "--yes", *self.files("first-cut-over"))
        print(self.assumed("first-cut-over"))
        equal &= self.verified("The legacy rows stand in both tables; nothing was lost on the way.")

        step("The host and the service write on")
        self.sample_host("write", "--seconds", "1", "--rate", "60")
        self.run(PYTHON, "-m", "tests.sample_host.restores_recorded", "40")
        self.manage("import_host")
        equal &= self.verified("What was written since, on both sides, stands in both tables too.")

        step("Roll back: nothing is lost, and what the legacy table cannot represent is listed")
        self.manage("roll_back", "--yes", "--reason", "to show that it can be done")
        equal &= self.verified("The tables are as if there had never been a cut-over.")

        step("Cut over again, with every compared row in a file")
        rows_file = self.file("rows.ndjson")
        self.manage("cut_over", "--yes", "--export", rows_file, *self.files("cut-over"))
        equal &= self.verified("Everything is back.")

        step("Check the certificate as an auditor does: one file, the public key, the rows")
        public = ["--public-key", self.file("public-key.pem")]
        command = [CHECK, self.file("cut-over.json"), *public, "--rows", rows_file]
        print(f"$ python {shlex.join(command)}", flush=True)
        self.run(PYTHON, *command)
        proven("The certificate is what this service signed, and the rows are the ones it counts.")

        step("What happened, who did it, and why")
        self.manage("consolidation")
        proven("The log remembers each step, with the hash of its certificate.")
        return equal

    def verified(self, what: str) -> bool:
        """Verify, and say what that proves if it is equal."""
        equal = self.manage("verify", allowed=(0, 1)) == 0
        proven(what if equal else "Not equal: this must not happen.")
        return equal

    def position(self) -> int:
        """Where the log ends, read past the service."""
        with closing(sqlite3.connect(self.service)) as database:
            return int(database.execute("SELECT position FROM event_store_head").fetchone()[0])

    def file(self, name: str) -> str:
        return str(self.folder / name)

    def files(self, name: str) -> list[str]:
        """Where a cut-over writes its certificate and its snapshot."""
        return [
            f"--certificate={self.file(f'{name}.json')}",
            f"--snapshot={self.file(f'before-{name}.sqlite3')}",
        ]

    def assumed(self, name: str) -> str:
        """What a cut-over had to suppose since the host has no column for it, in a line."""
        signed = json.loads(Path(self.file(f"{name}.json")).read_text())["certificate"]
        said = (
            f"`{one['column']}` assumed {one['value']!r} in {one['rows']:,} rows of {one['table']}"
            for one in signed["assumptions"]
        )
        return f"What the host has no column for: {'; '.join(said) or 'nothing'}."

    def sample_host(self, action: str, *arguments: str) -> None:
        host = ("--database", f"sqlite:///{self.host}", "--variant", "origin")
        self.run(PYTHON, "-m", "tests.sample_host", action, *host, *arguments, quiet=True)

    def manage(self, *arguments: str, allowed: tuple[int, ...] = (0,)) -> int:
        print(f"$ manage.py {shlex.join(arguments)}", flush=True)
        return self.run(PYTHON, "manage.py", *arguments, allowed=allowed)

    def run(self, *command: str, allowed: tuple[int, ...] = (0,), quiet: bool = False) -> int:
        code = subprocess.run(
            command,
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.DEVNULL if quiet else None,
            check=False,
        ).returncode
        if code not in allowed:
            raise StepFailed(f"The demo stopped: the last command exited with {code}.")
        return code

    @property
    def environment(self) -> dict[str, str]:
        known = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
        return known | self.variables

    def serve(self, port: int) -> int:
        """Real restores, an account, then the service, until interrupted."""
        restores = RestoresRun(ROOT, self.folder, self.host, self.environment)
        try:
            step("Real restores, recorded as they run: two are over, and two go on while you look")
            require(restores.begin(), "a restore did not end as it should have")
            proven("One completed and its data was checked, one failed. What each said is kept.")
            return self.open(port)
        finally:
            restores.end()

    def open(self, port: int) -> int:
        """An account, then the service, until interrupted."""
        step("A login and a token")
        made = subprocess.run(
            [PYTHON, "manage.py", "accounts", "create", "demo", "--superuser", "--token", "--json"],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
        (account,) = json.loads(made)["accounts"]
        url = f"http://127.0.0.1:{port}"
        print(f"    open      {url}/     user demo, password {account['new_password']}")
        print(f"    or ask    curl -H 'Authorization: Token {account['new_token']}' \\")
        print(f"                  '{url}/api/v1/restores/?status=failed'")
        print("    or go on at a terminal, with these variables:")
        for name, value in self.variables.items():
            print(f"              export {name}={shlex.quote(value)}")
        print(
            "    look at   Overview, which follows the restores by itself: one that runs now fails"
        )
        print("              within a minute, and the other one completes. Then click on a name:")
        print("              what happened, in words. Restores, Failed: why the others failed.")
        print("    stop with Ctrl-C", flush=True)
        server = [PYTHON, "-m", "uvicorn", "infrastructure.asgi:application"]
        return subprocess.run(
            [*server, "--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"],
            cwd=ROOT,
            env=self.environment,
            check=False,
        ).returncode


def require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise StepFailed(f"The demo stopped: {otherwise}.")


def proven(what: str) -> None:
    print(f"=> {what}", flush=True)


def step(title: str) -> None:
    print(f"\n== {title}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
