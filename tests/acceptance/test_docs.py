"""The docs say what is: each command they show is run, and each command has a page."""

import os
import re
import shlex
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connections
from django.test import override_settings

from tests.acceptance.pages import DOCS, PAGES, ROOT, asks, commands_of
from tests.acceptance.ready import Ready, ready
from tests.conftest import use
from tests.references import product
from tests.support import forked, here, service, terminal

HOW_TO = sorted((DOCS / "how-to").glob("*.md"))
TUTORIALS = sorted((DOCS / "tutorial").glob("*.md"))
APART = ("consolidate_the_host",)
"""Pages whose commands are run by a test of their own, since some are another project's."""
CODE = ("manage.py", "domain", "infrastructure", "projections", "api")
READ = re.compile(r"""(?:environ\.get|getenv|_flag)\(\s*"(\w+)"|environ\["(\w+)"\]""")


@pytest.fixture(scope="session")
def databases(templates: dict[str, str]) -> Ready:
    return ready(templates)


@pytest.fixture
def afterwards() -> Iterator[None]:
    yield
    connections.close_all()


@pytest.mark.parametrize(
    "page",
    [page for page in HOW_TO if commands_of(page) and page.stem not in APART],
    ids=lambda p: p.stem,
)
def test_the_commands_of_a_page_run_in_order(
    page: Path,
    databases: Ready,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    afterwards: None,
):
    url, host = databases.copied_to(tmp_path, imported=page.stem != "import_host")
    use(url)
    monkeypatch.chdir(tmp_path)
    if page.stem == "host_references":
        product.made(tmp_path / "product", "origin")
    for shown, code in commands_of(page):
        words = shlex.split(shown)
        zone = "UTC"
        if words[0].startswith("SOURCE_TIME_ZONE="):
            zone = words.pop(0).partition("=")[2]
        assert words[0] == "manage.py", f"{page.name}: only the tutorial may show {shown}"
        if asks(words):
            told = at_a_terminal(words, tmp_path, database=url, source=host)
            assert told.returncode == code, (shown, told.stdout)
            continue
        with override_settings(STATIC_ROOT=tmp_path / "static"):
            done = here.run(*words[1:], source=host, zone=zone, check=False)
        assert done.code == code, (shown, done)


@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.stem)
def test_a_tutorial_works_as_it_is_written(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    for command, code in commands_of(page):
        words = shlex.split(command)
        if words[0] == "export":
            name, _, value = words[1].partition("=")
            monkeypatch.setenv(name, value)
        elif words[0] == "alias":
            assert words[1] == "manage.py=.venv/bin/python manage.py"
        elif words[0] == "sqlite3":
            with closing(sqlite3.connect(tmp_path / words[1])) as database, database:
                database.execute(words[2])
        else:
            done = in_a_process(words, tmp_path)
            assert done.returncode == code, (command, done.stdout, done.stderr)


def at_a_terminal(
    words: list[str], folder: Path, *, database: str, source: str
) -> "subprocess.CompletedProcess[str]":
    """A command that asks, with somebody at a terminal who says yes."""
    env = service.environment(database=database, source=source, env={"DEBUG": "1"})
    return terminal.run(service.command(*words[1:]), env=env, cwd=folder)


def in_a_process(words: list[str], folder: Path) -> "subprocess.CompletedProcess[str]":
    """A command of the tutorial, in the folder; `manage.py` and Python are the checkout's."""
    words = [os.path.expandvars(word) for word in words]
    if asks(words):
        return terminal.run(service.command(*words[1:]), cwd=folder)
    if words[0] == "manage.py":
        words = service.command(*words[1:])
    elif words[0] == ".venv/bin/python":
        words = [sys.executable, *(str(ROOT / w) if w.endswith(".py") else w for w in words[1:])]
    *command, into, file = words
    if into != ">":
        return in_the_folder(words, folder)
    done = in_the_folder(command, folder)
    (folder / file).write_text(done.stdout)
    return done


def in_the_folder(words: list[str], folder: Path) -> "subprocess.CompletedProcess[str]":
    if words[0] == sys.executable:
        return forked.run(words[1:], env=os.environ, cwd=folder)
    return subprocess.run(words, cwd=folder, capture_output=True, text=True)


def test_every_command_has_a_page_that_is_listed():
    commands = {
        path.stem
        for path in ROOT.glob("[!.]*/**/management/commands/*.py")
        if path.stem != "__init__" and path.relative_to(ROOT).parts[0] in CODE
    }
    assert "rebuild" in commands
    index = (DOCS / "how-to" / "README.md").read_text()
    for command in commands:
        assert (DOCS / "how-to" / f"{command}.md").exists(), command
        assert f"({command}.md)" in index


def test_every_variable_that_is_read_is_documented():
    text = (DOCS / "reference" / "settings.md").read_text()
    files = [ROOT / "manage.py", *(f for name in CODE for f in (ROOT / name).glob("**/*.py"))]
    read = {
        name for file in files for pair in READ.findall(file.read_text()) for name in pair if name
    }
    assert {"SECRET_KEY", "READY_MAX_LAG_EVENTS", "PROMETHEUS_MULTIPROC_DIR"} <= read
    assert {name for name in read if f"`{name}`" not in text} == set()


def test_what_is_generated_is_up_to_date():
    done = forked.run(["-m", "docs.generate", "--check"], env=os.environ)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path):
    for target, anchor in re.findall(r"\]\(([^)#:\s]*)(?:#([^)\s]*))?\)", page.read_text()):
        found = page.parent / target if target else page
        assert found.exists(), f"{page.name} -> {target}"
        if anchor:
            headings = re.findall(r"^#+ (.*)$", found.read_text(), re.MULTILINE)
            assert anchor in map(slug, headings), f"{page.name} -> {target}#{anchor}"


def slug(heading: str) -> str:
    """The anchor of a heading, as code forges make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
