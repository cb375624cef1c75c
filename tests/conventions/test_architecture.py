"""The page on the architecture names files that are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "architecture.md"
PATHS = sorted(
    set(re.findall(r"`([a-z_*]+/[a-z_*/]*(?:\.py)?)`", PAGE.read_text(encoding="utf-8")))
)


def test_it_names_many_files():
    assert len(PATHS) > 25


@pytest.mark.parametrize("path", PATHS)
def test_each_file_and_folder_of_the_page_is_there(path: str):
    assert list(ROOT.glob(path.rstrip("/"))), f"{PAGE.name} names {path}"


def test_files_that_are_named_beside_another_are_there():
    beside = re.findall(r"`([a-z_]+\.py)`", PAGE.read_text(encoding="utf-8"))
    there = {path.name for layer in ("api", "projections", "infrastructure", "domain")
             for path in (ROOT / layer).rglob("*.py")}  # fmt: skip
    assert set(beside) <= there
