"""The reference is complete: no option, JSON key, route, parameter, code or metric is left out."""

import argparse
import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand
from django.db import connections
from drf_spectacular.generators import SchemaGenerator

from api.management.base import ServiceCommand
from api.operations.metrics import LogAndProjections
from api.operations.requests import REGISTRY
from api.problems import STATUS_OF_ERROR
from api.roles import ROLES
from tests.acceptance.ready import ready
from tests.conftest import use
from tests.references import product
from tests.support import here

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
COMMON = {"--json", "--actor", "--dry-run"}
DJANGOS = {s for a in BaseCommand().create_parser("", "")._actions for s in a.option_strings}
CODE_PLACE = {"BadParameter": 0, "Problem": 1, "body": 1, "respond": 2}
"""Which argument of these calls is a problem's code."""
LABEL = "system_backups.RestoreLog"
PRINTED = (
    *(
        "inspect_host",
        "import_host --dry-run",
        "verify",
        "rebuild --dry-run",
        "project",
        "projections",
    ),
    *(f"as_of 9 {LABEL} --out then.ndjson", "restores --limit 1", "audit --limit 1", "verify_log"),
    *("anchor --out anchor.json", "signing_key"),
    *("accounts create ada --token", "accounts list"),
    "host_references --source product --patch references.patch",
)


def our_commands() -> dict[str, ServiceCommand]:
    loaded = {name: load_command_class(app, name) for name, app in get_commands().items()
              if not app.startswith("django.")}  # fmt: skip
    return {name: one for name, one in loaded.items() if isinstance(one, ServiceCommand)}


def sections(page: str) -> dict[str, str]:
    """The page's sections by heading, without backticks."""
    parts = re.split(r"^## (.*)$", (REFERENCE / page).read_text(), flags=re.MULTILINE)
    return {
        name.replace("`", ""): text for name, text in zip(parts[1::2], parts[2::2], strict=True)
    }


def words(text: str) -> set[str]:
    return set(re.findall(r"[\w-]+", text))


def missing(names: Iterable[str], text: str) -> set[str]:
    return set(names) - words(text)


def spoken(parser: argparse.ArgumentParser) -> Iterator[str]:
    """What a user writes for each argument of a command, and of its actions."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, sub in action.choices.items():
                yield name
                yield from spoken(sub)
        elif action.option_strings:
            yield action.option_strings[-1]
        else:
            yield str(action.metavar or action.dest)


def test_no_command_is_left_out():
    assert set(our_commands()) <= set(sections("commands.md"))


@pytest.mark.parametrize("name", sorted(our_commands()))
def test_no_option_of_a_command_is_left_out(name: str):
    parser = our_commands()[name].create_parser("manage.py", name)
    own = set(spoken(parser)) - DJANGOS
    text = sections("commands.md")[name]
    assert missing(own - COMMON, text) == set()
    if "--dry-run" in own and name != "accounts":
        assert "--dry-run" in text


@pytest.mark.parametrize("name", sorted(our_commands()))
def test_no_option_of_a_command_is_made_up(name: str):
    parser = our_commands()[name].create_parser("manage.py", name)
    shown = re.findall(r"--[a-z][a-z-]*", sections("commands.md")[name])
    assert set(shown) <= set(spoken(parser)) | COMMON


def test_the_common_options_are_explained():
    assert missing(COMMON, sections("commands.md")["Common options"]) == set()


def keys(document: Any) -> Iterator[str]:
    match document:
        case dict():
            for key, value in document.items():
                if not (key in ROLES or re.fullmatch(r"\w+\.\w+", key)):
                    yield key
                yield from keys(value)
        case list():
            for value in document:
                yield from keys(value)


@pytest.mark.parametrize("command", PRINTED)
def test_no_json_key_is_left_out(
    command: str,
    templates: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    service, host = ready(templates).copied_to(tmp_path)
    use(service)
    monkeypatch.chdir(tmp_path)
    if command.startswith("host_references"):
        product.made(tmp_path / "product", "origin")
    printed = here.run(*command.split(), "--json", source=host).json
    connections.close_all()
    text = sections("commands.md")[command.split()[0]]
    if command.startswith("restores"):
        text += (REFERENCE / "mapping.md").read_text()
    assert missing(keys(printed), text) == set()


EXPORTED = {
    "/exports/restores/": "/restores/",
    "/exports/legacy-restores/": "/legacy/restores/",
    "/exports/backups/": "/backups/",
    "/exports/audit-events/": "/audit/events/",
}
"""An export takes what its list takes, which is told there."""


def test_no_route_and_no_parameter_is_left_out():
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    parts = sections("rest.md")
    for path, operations in paths.items():
        route = path.removeprefix("/api/v1")
        text = parts["Routes"] + parts["Lists"] + parts.get(route, "")
        if route in EXPORTED:
            text += parts["Exports"] + parts[EXPORTED[route]]
        for method, operation in operations.items():
            assert f"| {method.upper()} `{route}` |" in parts["Routes"]
            parameters = operation.get("parameters", ())
            names = {part for one in parameters for part in one["name"].split(".")}
            assert missing(names - {"id"}, text) == set(), path


def test_no_filter_is_made_up():
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    for route, text in sections("rest.md").items():
        if f"/api/v1{route}" in paths:
            known = {one["name"] for one in paths[f"/api/v1{route}"]["get"]["parameters"]}
            shown = re.findall(r"^\| `.*$", text, re.MULTILINE)
            assert {n for line in shown for n in re.findall(r"`(\w+)`", line)} <= known, route


def test_no_problem_code_is_left_out():
    text = sections("rest.md")["Problems"]
    codes = set()
    for file in (ROOT / "api").glob("**/*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                place = CODE_PLACE.get(node.func.id)
                code = node.args[place] if place is not None else None
                if isinstance(code, ast.Constant):
                    codes.add(code.value)
    codes |= STATUS_OF_ERROR.keys()
    assert {"cursor_does_not_fit", "page_size_invalid", "database_unavailable"} <= codes
    assert missing(codes, text) == set()


def test_no_metric_is_left_out(database: str):
    text = sections("rest.md")["Health and metrics"]
    collected = [*LogAndProjections().collect(), *REGISTRY.collect()]
    assert missing((metric.name for metric in collected), text) == set()


def test_no_role_is_left_out():
    assert missing(ROLES, sections("rest.md")["Roles"]) == set()
