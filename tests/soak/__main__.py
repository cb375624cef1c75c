"""`python -m tests.soak [PART ...] [--kills N] [--events N] [--rows N] [--lives N]
[--requests N] [--seed N] [--at-once N]`.

Runs the parts, one after the other, and after each writes what was found to docs/soak.md. A part
that is run again takes the place of what was found before; the others stay, with their revision.
"""

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

from tests.bench.machine import machine, revision
from tests.support.service import ROOT

HERE = Path(__file__).parent
PARTS = sorted(path.stem.removeprefix("test_") for path in HERE.glob("test_*.py"))
PAGE = ROOT / "docs" / "soak.md"

Found = dict[str, Any]
"""What one part found: its rows, when, where, how it was run, and whether it passed."""


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.soak",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "part", nargs="*", metavar="PART", help=f"one of {', '.join(PARTS)}; else all"
    )
    parser.add_argument(
        "--kills",
        type=int,
        default=50,
        help="of imports and of rebuilds, and twice as many of steps, on each database",
    )
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument(
        "--rows", type=int, default=200_000, help="in each of the host's restore tables"
    )
    parser.add_argument(
        "--lives", type=int, default=400, help="runs of the state machine, on each database"
    )
    parser.add_argument(
        "--requests", type=int, default=10_000, help="drawn from the OpenAPI document, as each role"
    )
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**9))
    parser.add_argument(
        "--at-once",
        type=int,
        default=0,
        help="so many tests of a part at once; not where kills or times matter",
    )
    parser.add_argument("--out", type=Path, default=PAGE)
    options = parser.parse_args()
    unknown = set(options.part) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    results = options.out.with_suffix("") / "results.json"
    results.parent.mkdir(parents=True, exist_ok=True)
    passed, commit = True, revision()
    for part in options.part or PARTS:
        found = run(part, options, commit)
        passed &= found["passed"]
        known = json.loads(results.read_text(encoding="utf-8")) if results.exists() else {}
        known[part] = found
        results.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        options.out.write_text(page(known), encoding="utf-8")
        print(f"written: {options.out}", flush=True)
    return not passed


def run(part: str, options: argparse.Namespace, commit: str) -> Found:
    """Run the tests of one part. `commit` is what it was before the page of another was written."""
    where, begin = {**machine(), "revision": commit}, time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder) / "rows"
        rows.touch()
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-m", "soak", "-n", str(options.at_once)),
                str(HERE / f"test_{part}.py"),
            ],
            cwd=ROOT,
            env={
                **os.environ,
                "SOAK_KILLS": str(options.kills),
                "SOAK_EVENTS": str(options.events),
                "SOAK_ROWS": str(options.rows),
                "SOAK_LIVES": str(options.lives),
                "SOAK_REQUESTS": str(options.requests),
                "SOAK_SEED": str(options.seed),
                "SOAK_RESULTS": str(rows),
            },
            check=False,
        )
        found = [json.loads(line) for line in rows.read_text(encoding="utf-8").splitlines()]
    return {
        "passed": done.returncode == 0,
        "minutes": round((time.monotonic() - begin) / 60, 1),
        "arguments": f"--kills {options.kills} --events {options.events} --rows {options.rows}"
        f" --lives {options.lives} --requests {options.requests} --seed {options.seed}"
        f" --at-once {options.at_once}",
        "rows": found,
        "where": where,
    }


def page(known: dict[str, Found]) -> str:
    """What was found, in Markdown."""
    failed = [part for part in PARTS if part in known and not known[part]["passed"]]
    missing = [part for part in PARTS if part not in known]
    verdict = [f"failed: {', '.join(failed)}"] if failed else []
    verdict += [f"not run yet: {', '.join(missing)}"] if missing else []
    lines = [
        "# Long runs",
        "",
        "Written by `make soak`; do not edit. One part again: "
        "`.venv/bin/python -m tests.soak PART` with the arguments below.",
        "",
        f"**{'; '.join(verdict).capitalize() or 'Everything passed'}.**",
        "",
        "| what | database | found |",
        "|---|---|---|",
        *(
            f"| {row['what']} | {row['database']} | {row['result']} |"
            for part in PARTS
            for row in known.get(part, {}).get("rows", [])
        ),
        "",
        "Kills are SIGKILL, in the phases of the work by turns and at moments drawn from the "
        "seed. Memory is the most that the process ever held (VmHWM), helpers included, the "
        "database server not. Mutants are the project's code with one thing changed, which the "
        "tests have to notice; those that do the same as the original are listed, with the "
        "reason, in `tests/mutants/survivors.toml`.",
        "",
        "## How and when",
        "",
        "| part | passed | minutes | revision | when | load when it began | arguments |",
        "|---|---|--:|---|---|---|---|",
        *(
            f"| {part} | {'yes' if one['passed'] else '**no**'} | {one['minutes']} "
            f"| {one['where']['revision']} | {one['where']['when']} "
            f"| {one['where']['load when it began']} | `{one['arguments']}` |"
            for part, one in sorted(known.items())
        ),
        "",
        "## Where",
        "",
        "| | |",
        "|---|---|",
        *(f"| {name} | {value} |" for name, value in _last(known).items()),
        "",
    ]
    return "\n".join(lines)


def _last(known: dict[str, Found]) -> dict[str, str]:
    """The machine that ran a part last, without what every part has of its own."""
    latest: dict[str, str] = max((one["where"] for one in known.values()), key=lambda w: w["when"])
    own = ("revision", "when", "load when it began")
    return {name: value for name, value in latest.items() if name not in own}


if __name__ == "__main__":
    sys.exit(main())
