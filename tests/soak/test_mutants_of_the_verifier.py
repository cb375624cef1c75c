"""Mutants of the verifier: each is noticed, or it is said why it does the same."""

from pathlib import Path

import pytest

from tests.mutants.groups import try_group

pytestmark = pytest.mark.soak


def test_every_mutant_is_noticed_or_does_the_same(tmp_path: Path, capfd, found):
    try_group("verifier", tmp_path, capfd, found)
