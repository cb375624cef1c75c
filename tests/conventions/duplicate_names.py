"""`python -m tests.conventions.duplicate_names`: names that two modules define.

One name means one thing in the whole code base. Looked at are classes and functions of a module's
top level in the product's code. A name with a leading underscore is its module's own and cannot
be met elsewhere, so it is not looked at. `duplicates.toml` lists those that are allowed, by what
they have in common, with the reason. Exit 1 if there are others, or if an entry allows nothing.
"""

import ast
import sys
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("domain", "infrastructure", "projections", "api")
ALLOWED = Path(__file__).with_name("duplicates.toml")


def defined() -> dict[str, list[str]]:
    """The modules, as paths, that define each public name, where they are more than one."""
    found: dict[str, list[str]] = defaultdict(list)
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" in path.parts:
                continue
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                    found[node.name].append(str(path.relative_to(ROOT)))
    return {
        name: paths for name, paths in found.items() if len(paths) > 1 and not name.startswith("_")
    }


def problems(duplicates: dict[str, list[str]], allowed: list[dict[str, Any]]) -> list[str]:
    """A line for each duplicate that is not allowed, and for each entry that allows none."""
    lines, used = [], set()
    for name, paths in sorted(duplicates.items()):
        by = [number for number, entry in enumerate(allowed) if _allows(entry, name, paths)]
        if by:
            used.update(by)
        else:
            lines.append(f"{name} is defined in {', '.join(paths)}")
    for number, entry in enumerate(allowed):
        if number not in used:
            lines.append(f"{ALLOWED.name}: nothing is allowed by the entry for {entry['modules']}")
    return lines


def _allows(entry: dict[str, Any], name: str, paths: list[str]) -> bool:
    """Whether at most one of these modules is not among the entry's."""
    others = [path for path in paths if not any(Path(path).match(m) for m in entry["modules"])]
    room = 1 if entry.get("like_another") else 0
    return len(others) <= room and ("names" not in entry or name in entry["names"])


def main() -> int:
    allowed = tomllib.loads(ALLOWED.read_text(encoding="utf-8"))["allowed"]
    found = problems(defined(), allowed)
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
