"""What to do about something, in the words of each edge: a command, a route, a button or a field.

What an edge has no way to do, such as a rebuild over REST, is done at the terminal, and goes on
being called by its command.
"""

import shlex

from django.urls import reverse

from domain.messages import Remedy

COMMANDS = {"import": "import_host"}
"""Actions that have another name as a command."""
POSITIONAL = frozenset({"labels"})
"""Parameters that a command takes without naming them."""
ROUTES = {
    "cut_over": "POST v1:cut-over",
    "roll_back": "POST v1:roll-back",
    "retire": "POST v1:retire",
    "consolidation": "GET v1:consolidation",
}
"""Method and route of the actions that there are over REST."""
STEPS = {"cut_over": "Cut over", "roll_back": "Roll back", "retire": "Retire"}
"""The actions that there are on a page, and what their buttons say."""
FIELDS = {"accept_quarantined": "Quarantined rows accepted", "reason": "Reason"}
"""What a step takes: members of a body over REST; on a page fields, and their labels."""


def at_terminal(remedy: Remedy) -> str:
    """A command line, or options of the one that was given."""
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
    """A route, or members of the body of the request that was sent; else what it is called by."""
    if remedy.action in ROUTES:
        method, route = ROUTES[remedy.action].split()
        return f"{method} {reverse(route)}"
    if _of_a_step(remedy):
        members = (f"{name}{_number(value)}" for name, value in remedy.parameters.items())
        return f"{' and '.join(members)} in the body"
    return _elsewhere(remedy)


def on_page(remedy: Remedy) -> str:
    """A button, or fields of the form that was sent; else what it is called by."""
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
    """A command says by itself where it is run; an option alone does not."""
    return at_terminal(remedy) if remedy.action else f"{at_terminal(remedy)} at the terminal"
