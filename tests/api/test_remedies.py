"""What to do about an error: a command at the terminal, a route over REST, a step on a page."""

import ast
import re
import shlex
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.urls import resolve

from api.console.steps import PAGES
from api.problems import as_problem
from api.remedies import at_terminal, on_page, over_rest
from domain.consolidation.errors import (
    AnotherHost,
    IllegalStep,
    NotVerified,
    QuarantineNotAccepted,
    ReasonMissing,
)
from domain.consolidation.values import ConsolidationState
from domain.errors import RestoreLogError
from domain.messages import Message, Remedy, remedy
from infrastructure.event_store.errors import HeadFileUnusable
from infrastructure.hosts.errors import IndexOutOfStep, NoSource, TooManyVanished
from infrastructure.output_files import WouldOverwrite
from projections.engine.errors import CheckpointNotInLog

ROOT = Path(__file__).parents[2]
BELOW = ("domain", "infrastructure", "projections")
VERIFICATION = ROOT / "projections" / "verification"
PROGRAMS = (
    VERIFICATION / "certificate" / "check_certificate.py",
    VERIFICATION / "check_events.py",
)
"""They run where there is no service, with options of their own."""

REASON = ReasonMissing("Ending the migration")
QUARANTINE = QuarantineNotAccepted(3, None)
CUT_OVER_ALREADY = IllegalStep(
    "cut over", ConsolidationState.CUT_OVER, Message("To take it back: ", remedy("roll_back"))
)


@pytest.mark.parametrize(
    ("error", "end"),
    [
        (REASON, "which the log keeps: --reason TEXT"),
        (QUARANTINE, "by number and reason: --accept-quarantined 3 --reason TEXT"),
        (CUT_OVER_ALREADY, "To take it back: manage.py roll_back"),
        (TooManyVanished({"t": (2, 3)}, 2), "manage.py import_host --allow-deletions 2"),
        (IndexOutOfStep("it ends early"), "To rebuild it: manage.py import_host --rebuild-index"),
        (NoSource(), "or give its URL: --source URL"),
        (
            CheckpointNotInLog("a.B", 7),
            "Check it (manage.py verify_log). If it has to go on as it is: "
            "manage.py accept_log --reason TEXT, then: manage.py rebuild a.B",
        ),
        (WouldOverwrite(remedy(export_events=Path("a b")), "why"), "Name another file."),
    ],
)
def test_at_the_terminal_it_is_a_command_or_its_options(error: RestoreLogError, end: str):
    assert error.message.said(at_terminal).endswith(end)


def test_a_file_is_called_by_its_option():
    error = WouldOverwrite(remedy(export_events=Path("a b")), "why")
    assert error.message.said(at_terminal).startswith("--export-events a b: why.")


def test_a_command_can_be_pasted_into_a_shell():
    line = at_terminal(remedy("import", column="a.B.name=my column", reason="TEXT"))
    assert shlex.split(line)[2:] == ["--column", "a.B.name=my column", "--reason", "TEXT"]


@pytest.mark.parametrize(
    ("error", "end"),
    [
        (REASON, "which the log keeps: reason in the body"),
        (QUARANTINE, "by number and reason: accept_quarantined (3) and reason in the body"),
        (CUT_OVER_ALREADY, "To take it back: POST /api/v1/consolidation/roll_back/"),
        (TooManyVanished({"t": (2, 3)}, 2), "manage.py import_host --allow-deletions 2"),
        (AnotherHost("a", "b"), "accept it: manage.py import_host --accept-fingerprint b"),
        (NoSource(), "or give its URL: --source URL at the terminal"),
    ],
)
def test_over_rest_it_is_a_route_or_members_and_else_the_command(error: RestoreLogError, end: str):
    problem = as_problem(error)
    assert problem is not None
    assert problem["detail"].endswith(end)


@pytest.mark.parametrize(
    ("error", "end"),
    [
        (REASON, "which the log keeps: “Reason” below"),
        (QUARANTINE, "and reason: “Quarantined rows accepted” (3) and “Reason” below"),
        (CUT_OVER_ALREADY, "To take it back: the step “Roll back”"),
        (NotVerified("cut over", "it differs"), "To see the details: manage.py verify"),
    ],
)
def test_on_pages_it_is_a_step_or_fields_and_else_the_command(error: RestoreLogError, end: str):
    assert error.message.said(on_page).endswith(end)


def test_a_message_in_a_message_keeps_what_to_do_as_data():
    error = NotVerified("cut over", Message("see ", remedy("verify_log")))
    assert error.message.remedies == [remedy("verify_log"), remedy("verify")]


def test_without_an_edge_it_is_said_by_name():
    error = HeadFileUnusable("it is a folder")
    assert str(error).endswith(
        "Check it (verify_log anchor=FILE). If it is complete, accept it: accept_log reason=TEXT"
    )


# --- nothing below names a command, and every name exists --------------------------------------


@pytest.mark.parametrize("layer", BELOW)
def test_there_is_no_command_below_the_edges(layer: str):
    assert list((ROOT / layer).rglob("management")) == []


@pytest.mark.parametrize("layer", BELOW)
def test_nothing_below_the_edges_names_a_command_or_an_option(layer: str):
    ours = {option for name in our_commands() for option in options_of(name)}
    assert {"--accept-fingerprint", "--reason", "--token"} <= ours
    found = [
        f"{path.relative_to(ROOT)}:{text.lineno}: {text.value!r:.80}"
        for path in sources(layer)
        for text in ast.walk(ast.parse(path.read_text()))
        if isinstance(text, ast.Constant) and isinstance(text.value, str)
        if "manage.py" in text.value or ours & set(re.findall(r"(?<![\w-])--[a-z-]+", text.value))
    ]
    assert found == []


def test_every_remedy_that_is_named_below_exists_at_every_edge():
    remedies = list(named_below())
    assert len(remedies) > 20
    for where, one in remedies:
        assert_exists_at_the_terminal(one, where)
        said = over_rest(one)
        if said.startswith(("GET ", "POST ")):
            assert resolve(said.split()[1]).app_name == "v1", where
        said = on_page(one)
        if said.startswith("the step"):
            assert said.removeprefix("the step ").strip("“”") in {p.title for p in PAGES.values()}


def assert_exists_at_the_terminal(one: Remedy, where: str) -> None:
    line = shlex.split(at_terminal(one))
    if not one.action:
        options = {option for name in our_commands() for option in options_of(name)}
        assert {word for word in line if word.startswith("--")} <= options, where
        return
    assert line[0] == "manage.py"
    command = load_command_class(get_commands()[line[1]], line[1])
    command.create_parser("manage.py", line[1]).parse_args(line[2:])


def named_below() -> Iterator[tuple[str, Remedy]]:
    """Every remedy that a module below the edges makes; what it computes is `1` here."""
    for path in (path for layer in BELOW for path in sources(layer)):
        for call in ast.walk(ast.parse(path.read_text())):
            match call:
                case ast.Call(func=ast.Name(id="remedy"), args=args, keywords=keywords):
                    action = ast.literal_eval(args[0]) if args else ""
                    parameters = {k.arg: literal(k.value) for k in keywords if k.arg is not None}
                    yield f"{path.name}:{call.lineno}", remedy(action, **parameters)
                case ast.Call(func=ast.Name(id="Output"), args=[ast.Constant(value=name), *_]):
                    yield f"{path.name}:{call.lineno}", remedy(**{name: "FILE"})


def literal(value: ast.expr) -> object:
    try:
        return ast.literal_eval(value)
    except ValueError:
        return "1"


def sources(layer: str) -> list[Path]:
    return sorted(path for path in (ROOT / layer).rglob("*.py") if path not in PROGRAMS)


def our_commands() -> list[str]:
    return [name for name, app in get_commands().items() if app == "api"]


@cache
def options_of(name: str) -> frozenset[str]:
    """Every option of a command, and of its actions if it has some."""
    parser = load_command_class("api", name).create_parser("manage.py", name)
    return frozenset(_options(parser))


def _options(parser: ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        if isinstance(action, _SubParsersAction):
            for sub in action.choices.values():
                yield from _options(sub)
        yield from action.option_strings
