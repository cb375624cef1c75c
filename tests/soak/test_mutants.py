"""Mutants of what everything rests on: each is noticed, or it is said why it does the same."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.mutants.changes import mutants
from tests.support.service import ROOT

pytestmark = pytest.mark.soak

MODULES = {
    "mapping": [
        *("projections/fields.py", "projections/row_rules.py", "projections/rules.py"),
        *("projections/mapping.py", "projections/amendments.py", "projections/lifecycle.py"),
        "projections/fitting.py",
        "projections/*/mapping.py",
        "projections/*/*projector.py",
    ],
    "scope": ["projections/*/scope.py"],
    "certificate check": ["projections/verification/check_certificate.py"],
    "verifier": ["projections/verification/*.py"],
}
TESTS = [
    *("tests/projections/test_mapping.py", "tests/projections/test_rules.py"),
    "tests/projections/test_fitting.py",
    "tests/projections/test_database_management_projector.py",
    "tests/projections/test_system_backups_projector.py",
    "tests/projections/verification",
    "tests/journey/test_planted.py",
]
EXPLAINED = ROOT / "tests" / "mutants" / "survivors.toml"


def modules() -> dict[str, list[str]]:
    """The modules of each group; one that stands in two belongs to the first."""
    taken: set[str] = set()
    chosen = {}
    for group, patterns in MODULES.items():
        names = {str(path.relative_to(ROOT)) for glob in patterns for path in ROOT.glob(glob)}
        chosen[group] = sorted(names - taken)
        taken |= names
    return chosen


def test_every_mutant_is_noticed_or_does_the_same(tmp_path: Path, found):
    listed = tmp_path / "survivors"
    chosen = modules()
    options = [f"--mutate={module}" for group in chosen.values() for module in group]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "tests.mutants.trying", "-q", "-n", "0"),
            *("-m", "not system and not soak", f"--survivors={listed}", *options, *TESTS),
        ],
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0
    survivors = set(listed.read_text(encoding="utf-8").splitlines())
    told = tomllib.loads(EXPLAINED.read_text(encoding="utf-8"))["survivor"]
    explained = {f"{one['module']} {one['where'] or '(module)'}: {one['change']}" for one in told}
    for group, names in chosen.items():
        made = [
            mutant
            for name in names
            for mutant in mutants(name, (ROOT / name).read_text(encoding="utf-8"))
        ]
        left = {mutant.name for mutant in made} & survivors
        found(
            f"mutants of the {group}",
            "both",
            f"{len(made):,} in {len(names)} modules: {len(made) - len(left):,} noticed, "
            f"{len(left & explained)} that do the same, {len(left - explained)} unexplained",
        )
    assert sorted(survivors - explained) == []
    assert sorted(explained - survivors) == [], "these are noticed: take the explanation out"
