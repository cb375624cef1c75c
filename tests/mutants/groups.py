"""The modules whose mutants are tried together, and the tests that have to notice them."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.mutants.changes import mutants
from tests.mutants.trying import names_in
from tests.support.service import ROOT

EXPLAINED = ROOT / "tests" / "mutants" / "survivors.toml"


class Group(NamedTuple):
    """Modules, as patterns, but for those of another group; and the tests that have to notice."""

    patterns: list[str]
    tests: list[str]
    of_others: frozenset[str] = frozenset()

    @property
    def modules(self) -> list[str]:
        return [module for module in files(self.patterns) if module not in self.of_others]


CHECK = "projections/verification/certificate/check_certificate.py"
CHECK_OF_EVENTS = "projections/verification/check_events.py"
OF_THE_CHECK = "tests/projections/verification/check_certificate/test_*.py"
GROUPS = {
    "mapping": Group(
        ["projections/mapping/*.py", "projections/*/mapping.py", "projections/*/*projector.py"],
        ["tests/projections/test_*.py", "tests/api/test_search.py"],
    ),
    "scope": Group(
        ["projections/database_management/scope.py", "projections/system_backups/scope.py"],
        ["tests/projections/test_*.py"],
    ),
    "certificate check": Group(
        [CHECK],
        [
            OF_THE_CHECK,
            "tests/projections/verification/test_*certificate*.py",
            "tests/projections/verification/test_genuine.py",
            "tests/host_migration/test_next_import_certified.py",
        ],
    ),
    "events check": Group(
        [CHECK_OF_EVENTS],
        [
            "tests/projections/verification/test_check_events.py",
            "tests/api/test_audit_export.py",
            "tests/api/test_exports.py",
        ],
    ),
    "verifier": Group(
        [
            "projections/verification/*.py",
            "projections/verification/actual/*.py",
            "projections/verification/certificate/*.py",
            "projections/verification/expected/*.py",
        ],
        [
            OF_THE_CHECK,
            "tests/projections/verification/test_*.py",
            "tests/projections/test_times_alike.py",
            "tests/journey/test_planted.py",
        ],
        of_others=frozenset({CHECK, CHECK_OF_EVENTS}),
    ),
}


def files(patterns: list[str]) -> list[str]:
    return sorted({str(path.relative_to(ROOT)) for glob in patterns for path in ROOT.glob(glob)})


def names_of(modules: list[str]) -> set[str]:
    """The names of all mutants of these modules."""
    return {
        mutant.name
        for module in modules
        for mutant in mutants(module, (ROOT / module).read_text(encoding="utf-8"))
    }


def try_group(
    name: str, folder: Path, capfd: pytest.CaptureFixture[str], found: Callable[..., None]
) -> None:
    """Try every mutant of the group; each is noticed, or its explanation is in the list."""
    listed, group = folder / "survivors", GROUPS[name]
    made = names_of(group.modules)
    told = {name for name in names_in(EXPLAINED) if name.split(" ")[0] in group.modules}
    assert sorted(told - made) == [], "there are no such mutants: take the explanation out"
    with capfd.disabled():  # it takes long, and says how far it has come
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-p", "tests.mutants.trying", "-q", "-n", "0"),
                *("-m", "not system and not soak"),
                *(f"--survivors={listed}", f"--explained={EXPLAINED}"),
                *(f"--mutate={module}" for module in group.modules),
                *files(group.tests),
            ],
            cwd=ROOT,
            check=False,
        )
    assert done.returncode == 0
    survivors = set(listed.read_text(encoding="utf-8").splitlines())
    found(
        f"mutants of the {name}",
        "both",
        f"{len(made):,} in {len(group.modules)} modules: {len(made - survivors):,} noticed, "
        f"{len(survivors & told)} do the same as the original, "
        f"{len(survivors - told)} unexplained",
    )
    assert sorted(survivors - told) == []
    assert sorted(told - survivors) == [], "these are noticed: take the explanation out"
