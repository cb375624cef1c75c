"""The pages can be copied from at three in the morning, and promise nothing that is not there."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.urls import resolve

from api import steps
from api.management.base import ServiceCommand
from tests.acceptance.pages import ASKING, ASKING_OF_SOME, DOCS, PAGES, ROOT, blocks_of
from tests.acceptance.test_reference import spoken

OURS = ("api", "domain", "infrastructure", "projections")
SPOKEN = [
    *PAGES,
    ROOT / "CHANGELOG.md",
    *(file for folder in OURS for end in ("py", "html", "sql") for file in
      sorted((ROOT / folder).glob(f"**/*.{end}"))),
]  # fmt: skip
"""Everything that says something to somebody."""
TYPED = re.compile(r"(?:\.venv/bin/python )?manage\.py ([a-z_]+)\b([^`\n]*)")
NEGATED = re.compile(r"\b(not|never|nor|must keep|no longer hold)\b", re.I)


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


def typed_on(page: Path) -> Iterator[str]:
    """Every command of the service that a page shows, in a block or within a sentence."""
    for _, block in blocks_of(page):
        yield from re.findall(r"^(?:\$ )?(.*manage\.py .*)$", block.replace("\\\n", ""), re.M)
    yield from re.findall(r"`(manage\.py [^`]*)`", page.read_text())


def loaded(name: str) -> ServiceCommand | None:
    """The service's command of this name; None if it is Django's. A KeyError if there is none."""
    if name == "help":  # there is no module of it
        return None
    command = load_command_class(get_commands()[name], name)
    return command if isinstance(command, ServiceCommand) else None


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_nothing_that_is_meant_to_be_copied_does_without_asking(page: Path):
    for shown in typed_on(page):
        without_synopsis = shown.replace("[--yes]", "")
        assert "--yes" not in without_synopsis, shown
    for _, block in blocks_of(page):
        assert "--yes" not in block.replace("[--yes]", "")


def test_the_set_up_of_a_test_is_seen_by_the_test_alone():
    page = DOCS / "how-to" / "roll_back.md"
    assert "cut_over --yes" in page.read_text()
    assert not any("cut_over" in block for _, block in blocks_of(page))


@pytest.mark.parametrize(
    "page",
    [p for p in sorted((DOCS / "how-to").glob("*.md")) if p.stem in get_commands()],
    ids=lambda page: page.stem,
)
def test_a_page_begins_with_what_it_is_for_and_a_command_that_changes_nothing(page: Path):
    heading, _, first, *_ = page.read_text().splitlines()
    assert heading.startswith("# ")
    assert re.match(r"[A-Z]\w* ", first), first
    _, block = blocks_of(page)[0]
    words = shlex.split(block.splitlines()[0].removeprefix("$ "))
    assert words[0] == "manage.py", words
    command = loaded(words[1])
    assert command is not None
    assert changes_nothing(command, words[1:]), block


def changes_nothing(command: ServiceCommand, words: list[str]) -> bool:
    match words:
        case ["accounts", "list"] | ["signing_key"]:
            return True
        case ["verify", *options]:
            return "--certificate" not in options
        case ["project", *_]:
            return False
    return "--dry-run" in words or not command.changes_something


@pytest.mark.parametrize("file", SPOKEN, ids=name_of)
def test_nobody_is_told_that_the_legacy_tables_may_be_dropped(file: Path):
    assert list(permitting(file.read_text())) == []


def permitting(text: str) -> Iterator[str]:
    """Sentences that let somebody drop the host's legacy tables."""
    # A message of several lines in Python is one.
    flat = re.sub(r"\"\s+f?\"", "", text)
    for sentence in re.split(r"(?<=[.:;?!])\s|\n\s*\n|\n\s*[-|#]", flat):
        said = " ".join(sentence.split())
        if not re.search(r"\blegacy\b|\bold tables?\b|\bits tables\b", said, re.I):
            continue
        gone = r"\b(drop(s|ped|ping)?|delet(e|es|ed|ing)|get rid of|remov(e|es|ed|ing)) "
        whose = r"(\w+ ){0,3}(host|legacy|tables?|them|its)\b"
        if re.search(gone + whose, said, re.I) and not NEGATED.search(said):
            yield said


@pytest.mark.parametrize(
    "said",
    [
        "- the host may drop its legacy tables;",
        "Afterwards the host can safely delete the legacy tables",
        '    "the legacy tables are not imported any more. Then the host may "\n'
        '    "remove its legacy tables, and "',
        "From then on the legacy tables of the host are read no more, so it may drop them.",
    ],
)
def test_what_lets_somebody_drop_them_would_be_found(said: str):
    assert list(permitting(said))


def test_retiring_says_before_it_asks_that_the_host_must_keep_its_legacy_tables():
    assert "Do not drop the host's legacy tables" in steps.RETIRE
    assert "its own consolidated table does not hold their rows" in steps.RETIRE


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_and_option_that_a_page_shows_is_there(page: Path):
    for shown in typed_on(page):
        for name, rest in TYPED.findall(shown):
            command = loaded(name)
            if command is None:
                continue
            known = set(spoken(command.create_parser("manage.py", name)))
            typed = re.findall(r"(?<!\S)\[?(--[a-z][a-z-]*)", rest.partition("  # ")[0])
            assert set(typed) <= known, shown


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_route_that_a_page_names_is_there(page: Path):
    for route in re.findall(r"(/api/v1/[\w/{}.-]*)", page.read_text()):
        filled = re.sub(r"\{\w+\}", "1", route)
        found = resolve(filled if filled.endswith("/") or "." in filled else f"{filled}/")
        assert found.url_name != "nowhere", route


def test_every_target_of_make_that_a_page_names_is_there():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    for page in PAGES:
        named = set(re.findall(r"(?:^|`)make ([a-z-]+)", page.read_text(), re.M))
        assert named <= targets, page


def test_the_commands_that_ask_are_the_ones_that_take_yes():
    asking = {
        name
        for name, app in get_commands().items()
        if app.startswith(OURS)
        and "--yes" in set(spoken(load_command_class(app, name).create_parser("", name)))
    }
    assert asking == {*ASKING, *ASKING_OF_SOME}
