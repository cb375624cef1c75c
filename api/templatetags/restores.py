"""What the pages of restores say of texts that hosts and programs wrote."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from api.templatetags.console import NOTHING, time_shown
from infrastructure.printable import printable
from projections.history.restore_facts import RestoreFacts

register = template.Library()

TEXTS = 20
"""Warnings or errors that are shown."""
TEXT = 300
"""Characters of each."""
OUTPUT = 8_000
"""Characters of a program's output that are shown: its end, which says how it ended."""


@register.filter(name="plain")
def spelled_out(text: object) -> str:
    """The text in its lines, with every character spelled out that is not to be seen."""
    return printable(str(text), keep="\n\t")


@register.filter
def checked(result: str) -> str:
    """`check passed`."""
    return f"check {result}"


@register.simple_tag(name="value")
def value_shown(given: Any) -> SafeString | str:
    """A column's value."""
    match given:
        case None:
            return NOTHING
        case bool():
            return "yes" if given else "no"
        case datetime():
            return time_shown(given, "seconds")
        case "":
            return format_html('<span class="dim">{}</span>', "empty")
    return str(given)


@register.filter
def told_apart(facts: RestoreFacts) -> Iterator[tuple[str, int, list[str]]]:
    """Errors and warnings: a title, how many, and the first of them."""
    count, warnings = facts.warnings
    for title, number, texts in (
        ("Errors", len(facts.errors), facts.errors),
        ("Warnings", count, warnings),
    ):
        if number:
            yield title, number, _first(texts)


@register.filter(name="outputs")
def outputs_of(facts: RestoreFacts) -> Iterator[tuple[str, str]]:
    """What programs printed last, each with a title."""
    for title, event in (("Last output", facts.end), ("What the check said", facts.validated)):
        if event is not None and event.output:
            yield title, spelled_out(event.output[-OUTPUT:])


def _first(texts: Sequence[str]) -> list[str]:
    shown = [spelled_out(text)[:TEXT] for text in texts[:TEXTS]]
    return [*shown, "…"] if len(texts) > TEXTS else shown
