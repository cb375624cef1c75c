"""The docs say what is: each command they show is run, and each command has a page."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sample_host.build import make_host
from tests.support import raw

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [*sorted((DOCS / "how-to").glob("*.md")), *sorted((DOCS / "tutorial").glob("*.md"))]
SHOWN = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
APPS = ("infrastructure", "projections", "api")


def commands_of(page: Path) -> list[tuple[str, int]]:
    """The commands of a page's console blocks, each with the exit code it should have."""
    found = []
    for block in SHOWN.findall(page.read_text()):
        for line in block.splitlines():
            assert line.startswith("$ "), f"{page.name}: {line}"
            command, _, remark = line[2:].partition("  # exits ")
            found.append((command, int(remark or 0)))
    return found


def run(command: str, env: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    words = [os.path.expandvars(word) for word in shlex.split(command)]
    env = dict(env)
    while "=" in words[0]:
        name, _, value = words.pop(0).partition("=")
        env[name] = value
    if words[0] == "manage.py":
        words = [sys.executable, str(ROOT / "manage.py"), *words[1:]]
    elif words[0] == "python":
        words = [sys.executable, *words[1:]]
    return subprocess.run(
        words, env={**env, "PYTHONPATH": str(ROOT)}, cwd=folder, capture_output=True, text=True
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_commands_of_a_page_run_in_order(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    shown = commands_of(page)
    monkeypatch.setenv("DEBUG", "1")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'service.sqlite3'}")
    monkeypatch.setenv("SOURCE_DATABASE_URL", f"sqlite:///{tmp_path / 'host.sqlite3'}")
    env = dict(os.environ)
    if page.parent.name == "how-to" and shown:
        make_host(env["SOURCE_DATABASE_URL"], rows=30)
        prepare = ("migrate --verbosity 0", "import_host", "project")
        for command in prepare[: 1 if page.stem == "import_host" else 3]:
            done = run(f"manage.py {command}", env, tmp_path)
            assert done.returncode == 0, done.stderr
    for command, code in shown:
        if command.startswith("sqlite "):
            _, url, statement = shlex.split(command)
            raw.execute(os.path.expandvars(url), statement)
            continue
        done = run(command, env, tmp_path)
        assert done.returncode == code, (command, done.stdout, done.stderr)


def test_every_command_has_a_page_that_is_listed():
    commands = {
        path.stem
        for app in APPS
        for path in (ROOT / app).glob("**/management/commands/*.py")
        if path.stem != "__init__"
    }
    index = (DOCS / "how-to" / "README.md").read_text()
    for command in commands:
        assert (DOCS / "how-to" / f"{command}.md").exists(), command
        assert f"({command}.md)" in index


def test_every_variable_that_the_settings_read_is_documented():
    text = (DOCS / "reference" / "settings.md").read_text()
    read = set()
    for path in (ROOT / "infrastructure" / "settings").glob("*.py"):
        read |= set(re.findall(r"""(?:environ\.get|_flag|environ)[(\[]"(\w+)""", path.read_text()))
    assert read
    assert {name for name in read if f"`{name}`" not in text} == set()


def test_what_is_generated_is_up_to_date():
    done = subprocess.run(
        [sys.executable, "-m", "docs.generate", "--check"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.glob("**/*.md"))],
    ids=lambda page: str(page.relative_to(ROOT)),
)  # fmt: skip
def test_links_lead_somewhere(page: Path):
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} -> {target}"
