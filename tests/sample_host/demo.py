"""The demo: a sample host, imported, rebuilt and verified, then served. `make demo` runs it.

Everything it makes is in `var/demo`, made anew each time. Each step is a command that anybody
could type; it is printed before it runs.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "var" / "demo"
HOST = f"sqlite:///{FOLDER / 'host.sqlite3'}"
SERVICE = f"sqlite:///{FOLDER / 'restorelog.sqlite3'}"
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"},
    "DEBUG": "1",
    "DATABASE_URL": SERVICE,
    "SOURCE_DATABASE_URL": HOST,
}


class StepFailed(Exception):
    """A step ended with another exit code than it should have; it has said why."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.sample_host.demo", description=__doc__)
    parser.add_argument("--serve", type=int, choices=(0, 1), default=1)
    parser.add_argument("--rows", type=int, default=2_000, help="in each of the host's tables")
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args()

    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    try:
        equal = journey(options.rows)
        if not options.serve:
            return 0 if equal else 1
        return serve(options.port)
    except StepFailed as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 0


def journey(rows: int) -> bool:
    """The steps up to verify; whether both tables are equal to the host's."""
    step(f"A host with {rows:,} restores in each of its two tables, odd ones among them")
    host = [sys.executable, "-m", "tests.sample_host", "make", "--database", HOST]
    run([*host, "--rows", str(rows)], quiet=True)

    step("A database for the service: the log, the projections, the accounts")
    manage("migrate", "--verbosity", "0")

    step("Import: every host row becomes an event, verbatim; the host is only read")
    manage("import_host")

    step("Import again: nothing new, so nothing is recorded")
    manage("import_host")

    step("Rebuild: both tables of both apps, replayed from the log alone")
    manage("rebuild")

    step("Verify: each row against the host, by a way of its own; and the log's hash chain")
    equal = manage("verify", allowed=(0, 1)) == 0
    manage("verify_log")
    return equal


def serve(port: int) -> int:
    """Accounts, then the service, until interrupted."""
    step("A login and a token")
    account = json.loads(
        subprocess.run(
            [
                sys.executable,
                "manage.py",
                "accounts",
                "create",
                "demo",
                "--role=migrator",
                "--json",
            ],
            cwd=ROOT,
            env=ENVIRONMENT,
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
    )["accounts"][0]
    url = f"http://127.0.0.1:{port}"
    print(f"    open      {url}/     user demo, password {account['password']}")
    print(f"    or ask    curl -H 'Authorization: Token {account['token']}' \\")
    print(f"                  '{url}/api/v1/restores/?status=failed'")
    print("    stop with Ctrl-C", flush=True)
    server = [sys.executable, "-m", "uvicorn", "infrastructure.asgi:application"]
    return subprocess.run(
        [*server, "--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"],
        cwd=ROOT,
        env=ENVIRONMENT,
        check=False,
    ).returncode


def step(title: str) -> None:
    print(f"\n== {title}", flush=True)


def manage(*arguments: str, allowed: tuple[int, ...] = (0,)) -> int:
    print(f"$ manage.py {' '.join(arguments)}", flush=True)
    return run([sys.executable, "manage.py", *arguments], allowed=allowed)


def run(command: list[str], *, allowed: tuple[int, ...] = (0,), quiet: bool = False) -> int:
    code = subprocess.run(
        command,
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL if quiet else None,
        check=False,
    ).returncode
    if code not in allowed:
        raise StepFailed(f"The demo stopped: the last command exited with {code}.")
    return code


if __name__ == "__main__":
    sys.exit(main())
