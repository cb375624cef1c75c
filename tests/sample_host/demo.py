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
    "SIGNING_KEY_FILE": str(FOLDER / "signing-key.pem"),
}
PYTHON = sys.executable


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
    """Every step; whether all tables were equal to the host's after each of them."""
    step(f"A host with {rows:,} restores in each of its two tables, odd ones among them")
    host = [PYTHON, "-m", "tests.sample_host", "make", "--database", HOST]
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
    equal = verified("Both tables came back from the log, row for row.")
    manage("verify_log")

    step("A key for certificates; what checks them is public")
    manage("signing_key", "--create", "--public", str(FOLDER / "public-key.pem"))

    step("Cut over: the consolidated tables take in the legacy rows, in one transaction")
    manage("cut_over", "--yes", *files("first-cut-over"))
    equal &= verified("The legacy rows stand in both tables; nothing was lost on the way.")

    step("The host and the service write on")
    run([*host[:3], "write", "--database", HOST, "--seconds", "1", "--rate", "60"], quiet=True)
    run([PYTHON, "-m", "tests.sample_host.restores_recorded", "40"])
    manage("import_host")
    equal &= verified("What was written since, on both sides, stands in both tables too.")

    step(
        "Roll back: nothing that was recorded is lost, and what the old table cannot say is listed"
    )
    manage("roll_back", "--yes", "--reason", "to show that it can be done")
    equal &= verified("The tables are as if there had never been a cut-over.")

    step("Cut over again, with every compared row in a file")
    rows = FOLDER / "rows.ndjson"
    manage("cut_over", "--yes", "--export", str(rows), *files("cut-over"))
    equal &= verified("Everything is back.")

    step("Check the certificate as an auditor does: one file, the public key, the rows")
    check = [PYTHON, "projections/verification/check_certificate.py"]
    certificate = str(FOLDER / "cut-over.json")
    public = ["--public-key", str(FOLDER / "public-key.pem")]
    print(f"$ check_certificate.py {certificate} …", flush=True)
    run([*check, certificate, *public, "--rows", str(rows)])

    step("What happened, who did it, and why")
    manage("consolidation")
    return equal


def verified(proven: str) -> bool:
    """Verify, and say what that proves if it is equal."""
    equal = manage("verify", allowed=(0, 1)) == 0
    print(f"=> {proven}" if equal else "=> Not equal: this must not happen.", flush=True)
    return equal


def files(name: str) -> list[str]:
    """Where a cut-over writes its certificate and its snapshot."""
    return [
        f"--certificate={FOLDER / f'{name}.json'}",
        f"--snapshot={FOLDER / f'before-{name}.sqlite3'}",
    ]


def serve(port: int) -> int:
    """Accounts, then the service, until interrupted."""
    step("A login and a token")
    account = json.loads(
        subprocess.run(
            [
                PYTHON,
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
    server = [PYTHON, "-m", "uvicorn", "infrastructure.asgi:application"]
    return subprocess.run(
        [*server, "--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"],
        cwd=ROOT,
        env=ENVIRONMENT,
        check=False,
    ).returncode


def step(title: str) -> None:
    print(f"\n== {title}", flush=True)


def manage(*arguments: str, allowed: tuple[int, ...] = (0,)) -> int:
    print(f"$ manage.py {shlex.join(arguments)}", flush=True)
    return run([PYTHON, "manage.py", *arguments], allowed=allowed)


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
