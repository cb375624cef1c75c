"""Templates and fixtures that name the legacy model, its fields or its reverse names.

Templates are split by Django's own lexer. Their variables have no types, so nothing in them is
proven, and nothing is changed.
"""

import json
import re
from collections.abc import Collection, Iterator

from django.template.base import Lexer, TokenType

from infrastructure.references.labels import CONSOLIDATED, LEGACY, NEW_FIELD, OLD_FIELD
from infrastructure.references.string_uses import about_text
from infrastructure.references.uses import Use, UseKind

JSON_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
PARTS = re.compile(r"[A-Za-z_][\w.:-]*")
PERMS = re.compile(r"^perms\.(\w+)\.(\w+)$")


def uses_in_template(path: str, text: str, reverse: Collection[str]) -> Iterator[Use]:
    """Each name in a tag or variable; `reverse` are the reverse names that change."""
    for token in Lexer(text).tokenize():
        if token.token_type not in (TokenType.VAR, TokenType.BLOCK):
            continue
        for match in PARTS.finditer(token.contents):
            told = _of_template(match[0], reverse)
            if told is not None:
                yield Use(path, token.lineno or 1, 1, *told[:2], todo=told[2])


def uses_in_fixture(path: str, text: str) -> Iterator[Use]:
    """Each text of a fixture that names the legacy model or the old field."""
    line, seen = 1, 0
    labels = 0
    for match in JSON_TEXT.finditer(text):
        line += text.count("\n", seen, match.start())
        seen = match.start()
        try:
            value = json.loads(match[0])
        except ValueError:
            continue
        column = match.start() - text.rfind("\n", 0, match.start())
        if value.lower() == LEGACY.lower():
            labels += 1
            todo = f"{CONSOLIDATED}, with a backup of that app, if it is loaded for the new model"
            yield Use(path, line, column, value, UseKind.FIXTURE, todo=todo)
        elif value == OLD_FIELD and labels:
            todo = f"{NEW_FIELD}, if its row becomes one of the consolidated model"
            yield Use(path, line, column, value, UseKind.FIXTURE, todo=todo)


def _of_template(name: str, reverse: Collection[str]) -> tuple[str, UseKind, str] | None:
    if match := PERMS.match(name):
        told = about_text(f"{match[1]}.{match[2]}")
        return (name, *told[1:]) if told is not None else None
    parts = name.split(".")
    if OLD_FIELD in parts or f"get_{OLD_FIELD}_display" in parts:
        todo = f"{name.replace(OLD_FIELD, NEW_FIELD)}, if it shows a restore of the new model"
        return name, UseKind.TEMPLATE, todo
    for part in parts[1:]:
        if part in reverse:
            todo = (
                f"{part} leads from a backup or user to the legacy restores: give the template "
                "those of the consolidated model"
            )
            return name, UseKind.REVERSE, todo
    return about_text(name)
