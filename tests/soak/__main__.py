"""`python -m tests.soak [--kills N] [--events N] [--rows N] [--seed N]`: writes docs/soak.md."""

import argparse
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench.machine import machine
from tests.support.service import ROOT

PAGE = ROOT / "docs" / "soak.md"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument(
        "--kills",
        type=int,
        default=50,
        help="of imports, of rebuilds, of cut-overs and of roll-backs, on each database",
    )
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument(
        "--rows", type=int, default=200_000, help="in each of the host's restore tables"
    )
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**9))
    parser.add_argument("--out", type=Path, default=PAGE)
    options = parser.parse_args()
    where, begin = machine(), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results"
        results.touch()
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-m", "soak", "-n", "0", "tests"],
            cwd=ROOT,
            env={
                **os.environ,
                "SOAK_KILLS": str(options.kills),
                "SOAK_EVENTS": str(options.events),
                "SOAK_ROWS": str(options.rows),
                "SOAK_SEED": str(options.seed),
                "SOAK_RESULTS": str(results),
            },
            check=False,
        )
        found = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    command = (
        f"--kills {options.kills} --events {options.events} --rows {options.rows}"
        f" --seed {options.seed}"
    )
    minutes = (time.monotonic() - begin) / 60
    options.out.write_text(
        page(found, where, command, minutes, passed=done.returncode == 0), encoding="utf-8"
    )
    print(f"written: {options.out}")
    return done.returncode


def page(
    found: list[dict[str, Any]],
    where: dict[str, str],
    command: str,
    minutes: float,
    *,
    passed: bool,
) -> str:
    """What was found, in Markdown."""
    lines = [
        "# Long runs",
        "",
        "Written by `make soak`; do not edit. The same again: "
        f"`.venv/bin/python -m tests.soak {command}`.",
        "",
        f"**{'Everything passed' if passed else 'Something failed'}**, in {minutes:.0f} minutes.",
        "",
        "| what | database | found |",
        "|---|---|---|",
        *(f"| {row['what']} | {row['database']} | {row['result']} |" for row in found),
        "",
        "Kills are SIGKILL, in the phases of the work by turns and at moments drawn from the "
        "seed; memory is",
        "the most that the process ever held (VmHWM), helpers included, the database server not.",
        "",
        "| | |",
        "|---|---|",
        *(f"| {name} | {value} |" for name, value in where.items()),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
