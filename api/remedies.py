"""Texts of remedies for each edge: a command, a route, a button or a field.

If an edge does not have an action, such as a rebuild over REST, its command at the terminal is
named.
"""

import shlex

from django.urls import reverse

from domain.messages import Remedy

COMMANDS = {"import": "import_host"}
"""Actions whose command has another name."""
POSITIONAL = frozenset({"labels"})
"""Positional parameters of commands."""
ROUTES = {
    "cut_over": "POST v1:cut-over",
    "roll_back": "POST v1:roll-back",
    "retire": "POST v1:retire",
    "consolidation": "GET v1:consolidation",
}
"""Method and route of the actions that exist over REST."""
STEPS = {"cut_over": "Cut over", "roll_back": "Roll back", "retire": "Retire"}
"""The actions that have a page, and the labels of their buttons."""
FIELDS = {"accept_quarantined": "Quarantined rows accepted", "reason": "Reason"}
"""A step's parameters: members of the body over REST; on a page, fields with these labels."""


def at_terminal(remedy: Remedy) -> str:
    """A command line, or options of the present one."""
    quoted = shlex.quote if remedy.action else str
    words = []
    for name, value in remedy.parameters.items():
        if name not in POSITIONAL:
            words.append(f"--{name.replace('_', '-')}")
        if value is not None and value is not True:
            words.append(quoted(str(value)))
    if remedy.action:
        words[:0] = ["manage.py", COMMANDS.get(remedy.action, remedy.action)]
    return " ".join(words)


def over_rest(remedy: Remedy) -> str:
    """A route, or members of the present request's body; else the command."""
    if remedy.action in ROUTES:
        method, route = ROUTES[remedy.action].split()
        return f"{method} {reverse(route)}"
    if _of_a_step(remedy):
        members = (f"{name}{_number(value)}" for name, value in remedy.parameters.items())
        return f"{' and '.join(members)} in the body"
    return _elsewhere(remedy)


def on_page(remedy: Remedy) -> str:
    """A button, or fields of the present form; else the command."""
    if remedy.action in STEPS:
        return f"the step “{STEPS[remedy.action]}”"
    if _of_a_step(remedy):
        told = (f"“{FIELDS[name]}”{_number(v)}" for name, v in remedy.parameters.items())
        return f"{' and '.join(told)} below"
    return _elsewhere(remedy)


def _of_a_step(remedy: Remedy) -> bool:
    return not remedy.action and remedy.parameters.keys() <= FIELDS.keys()


def _number(value: object) -> str:
    return f" ({value})" if isinstance(value, int) else ""


def _elsewhere(remedy: Remedy) -> str:
    """The command; an option alone gets the words "at the terminal"."""
    return at_terminal(remedy) if remedy.action else f"{at_terminal(remedy)} at the terminal"
