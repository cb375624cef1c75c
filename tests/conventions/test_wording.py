"""What the project says is plain: sentences that had to be read twice do not come back."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
LIST = Path(__file__).with_name("wording.txt")
FOLDERS = ("domain", "infrastructure", "projections", "api", "docs", "tests")
SUFFIXES = {".py", ".md", ".html", ".sql", ".toml", ".txt"}
OLD_FILES = ("golden", "old_logs")
"""Folders of tests that hold files of earlier versions, which stay as they were."""


def listed() -> list[tuple[str, str]]:
    lines = LIST.read_text(encoding="utf-8").splitlines()
    pairs = [line.partition(" => ") for line in lines if line and not line.startswith("# ")]
    return [(said, instead) for said, _, instead in pairs]


def texts() -> dict[str, str]:
    """Every text of the project, by path, on one line: sentences are found across line breaks."""
    paths = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    paths += [*ROOT.glob("*.md"), ROOT / "Makefile", ROOT / "manage.py"]
    return {
        str(path.relative_to(ROOT)): one_line(path.read_text(encoding="utf-8"))
        for path in paths
        if (path.suffix in SUFFIXES or path.name == "Makefile")
        and path != LIST
        and not set(OLD_FILES) & set(path.parts)
    }


def one_line(text: str) -> str:
    """Without the quotes of texts that go on in the next line, and with single blanks."""
    text = re.sub(r"""["']\s*\n\s*f?["']""", "", text)
    return re.sub(r"\s+", " ", text).lower()


@pytest.fixture(scope="module")
def everything() -> dict[str, str]:
    return texts()


@pytest.mark.parametrize(("said", "instead"), listed(), ids=lambda text: text[:40])
def test_a_sentence_that_had_to_be_read_twice_is_used_nowhere(
    everything: dict[str, str], said: str, instead: str
):
    found = [path for path, text in everything.items() if one_line(said) in text]
    assert found == [], f"say instead: {instead}"


def test_a_sentence_is_found_across_the_lines_of_a_text():
    source = 'raise Refused(\n    "The value is too "\n    f"long for it."\n)'
    assert "is too long for it" in one_line(source)
