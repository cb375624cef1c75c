"""What the pages of docs show, and what only their test needs.

A block in `console` is run by the tests, line by line. What has to be there before it, and a
reader does not have to do, stands in a comment that no reader sees:

    <!-- the test of this page runs first:
    $ manage.py cut_over --yes
    -->
"""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.glob("**/*.md"))]

HIDDEN = re.compile(r"^<!-- the test of this page runs first:\n(.*?)^-->$", re.M | re.S)
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
BOTH = re.compile(f"{HIDDEN.pattern}|{BLOCK.pattern}", re.M | re.S)
COMMENT = re.compile(r"<!--.*?-->", re.S)
ASKING = ("cut_over", "roll_back", "retire")
"""Commands that ask before they do it."""
ASKING_OF_SOME = ("run_restore",)
"""Those that ask only where the database server leaves no other way."""


class Shown(NamedTuple):
    """A command of a page: what is typed, and the exit code it has."""

    command: str
    code: int


def commands_of(page: Path) -> list[Shown]:
    """The commands of a page that are run, hidden ones included, in their order."""
    found = []
    for hidden, language, block in BOTH.findall(page.read_text()):
        if hidden or language == "console":
            found += [_shown(page, line) for line in (hidden or block).splitlines()]
    return found


def _shown(page: Path, line: str) -> Shown:
    assert line.startswith("$ "), f"{page.name}: {line}"
    command, _, remark = line[2:].partition("  # exits ")
    return Shown(command, int(remark or 0))


def blocks_of(page: Path) -> list[tuple[str, str]]:
    """Language and text of every block that a reader sees."""
    return BLOCK.findall(COMMENT.sub("", page.read_text()))


def asks(words: list[str]) -> bool:
    """Whether this command waits for somebody to say yes."""
    return words[1] in ASKING and not {"--yes", "--dry-run"} & set(words)
