"""Mutants of the mapping, the scope and the certificate check: each is noticed, or explained."""

from pathlib import Path

import pytest

from tests.mutants.groups import EXPLAINED, GROUPS, names_of, try_group
from tests.mutants.trying import names_in

pytestmark = pytest.mark.soak


@pytest.mark.parametrize("name", [name for name in GROUPS if name != "verifier"])
def test_every_mutant_is_noticed_or_does_the_same(name: str, tmp_path: Path, capfd, found):
    try_group(name, tmp_path, capfd, found)


def test_every_explanation_is_of_a_mutant_that_there_is():
    made = {name for group in GROUPS.values() for name in names_of(group.modules)}
    assert sorted(names_in(EXPLAINED) - made) == []
