"""Mutants of the mapping, the scope and the certificate check: each is noticed, or explained."""

from pathlib import Path

import pytest

from tests.mutants.changes import mutants
from tests.mutants.groups import EXPLAINED, GROUPS, files, try_group
from tests.mutants.trying import names_in
from tests.support.service import ROOT

pytestmark = pytest.mark.soak


@pytest.mark.parametrize("name", [name for name in GROUPS if name != "verifier"])
def test_every_mutant_is_noticed_or_does_the_same(name: str, tmp_path: Path, capfd, found):
    try_group(name, tmp_path, capfd, found)


def test_every_explanation_is_of_a_mutant_that_there_is():
    modules = {module for group in GROUPS.values() for module in files(group.modules)}
    made = {
        mutant.name
        for module in modules
        for mutant in mutants(module, (ROOT / module).read_text(encoding="utf-8"))
    }
    assert sorted(names_in(EXPLAINED) - made) == []
