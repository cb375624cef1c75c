"""Forms of filters, the filters in force as chips, and links that change them: for every list."""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

MOST = 1_000
"""Characters of a field: the most that a filter takes."""
ANY = ("", "any")
YES_OR_NO = (ANY, ("true", "yes"), ("false", "no"))
NO_CHIP = frozenset({"cursor", "ordering", "tz"})
"""Parameters that choose no rows."""


class Chip(NamedTuple):
    """A filter in force, and the link to the list without it."""

    label: str
    value: str
    without: str


class Shortcut(NamedTuple):
    """A link to the list with some filters more."""

    label: str
    address: str
    current: bool


def choice(label: str, choices: object, **more: object) -> forms.ChoiceField:
    """A field with a list to choose from."""
    return forms.ChoiceField(label=label, choices=choices, required=False, **more)


def text(label: str, hint: str = "") -> forms.CharField:
    """A field for text as it is."""
    widget = forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"})
    return forms.CharField(
        label=label, help_text=hint, required=False, max_length=MOST, widget=widget
    )


def search_box(hint: str) -> forms.CharField:
    """The field for words, which comes first."""
    widget = forms.TextInput(attrs={"type": "search", "autocapitalize": "none"})
    return forms.CharField(label="Search", required=False, widget=widget, help_text=hint)


class ListForm(forms.Form):
    """The filters that people ask for most. It only shows them: REST's filters check them."""

    route: ClassVar[str]
    """That of the list."""
    main: ClassVar[tuple[str, ...]] = ()
    """The fields that are always shown."""

    def __init__(self, given: Mapping[str, str]) -> None:
        super().__init__(given)
        for name, field in self.fields.items():
            # A word of the host's own that a link asks for stays asked for.
            if isinstance(field, forms.ChoiceField) and name in given:
                known = _words(field.choices)
                field.choices = [*field.choices, *((w, w) for w in [given[name]] if w not in known)]

    def first_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.main]

    def other_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name not in self.main]

    def is_more_asked(self) -> bool:
        """Whether one of the other fields is in use."""
        return any(self.data.get(name) for name in self.fields if name not in self.main)


def form_shown(kind: type[ListForm], given: Mapping[str, str], known: Collection[str]) -> str:
    """The form as HTML. `known` are the list's parameters; those without a field are sent on."""
    hidden = kept_hidden(given, kind, known)
    return _form_shown(kind, tuple(given.items()), tuple(hidden.items()))


@lru_cache(maxsize=100)
def _form_shown(
    kind: type[ListForm], given: tuple[tuple[str, str], ...], hidden: tuple[tuple[str, str], ...]
) -> str:
    """A page that is left open asks for the same again and again."""
    context = {"form": kind(dict(given)), "address": reverse(kind.route), "hidden": dict(hidden)}
    return render_to_string("api/parts/list_form.html", context)


def parameters_of(request: HttpRequest) -> dict[str, str]:
    """The parameters of a list. A field that is left empty is no filter."""
    return {name: value for name, value in request.GET.dict().items() if value != ""}


def position_in(request: HttpRequest, name: str) -> int | None:
    """The position of the log in this parameter; None if it is not one."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def query(given: Mapping[str, str], **changes: str | None) -> str:
    """A query with these parameters, changed; it begins the list anew."""
    asked = {**given, "cursor": None, **changes}
    return "?" + urlencode({name: value for name, value in asked.items() if value is not None})


def chips(
    given: Mapping[str, str], labels: Mapping[str, str], said: Callable[[str, str], str]
) -> list[Chip]:
    """The filters that are in force. `said` puts a filter's value in words."""
    return [
        Chip(
            labels.get(name, name.replace("_", " ")),
            said(name, value),
            query(given, **{name: None}),
        )
        for name, value in given.items()
        if name not in NO_CHIP
    ]


def shortcuts(
    given: Mapping[str, str],
    offered: Iterable[tuple[str, Mapping[str, str]]],
    instead_of: Collection[str] = (),
) -> list[Shortcut]:
    """What is one click away: with one that is in force, the click takes it back.

    One that is not in force comes in place of the filters in `instead_of`.
    """
    found = []
    for label, filters in offered:
        current = all(given.get(name) == value for name, value in filters.items())
        others: dict[str, str | None] = dict.fromkeys(instead_of)
        changes = dict.fromkeys(filters) if current else {**others, **filters}
        found.append(Shortcut(label, query(given, **changes), current))
    return found


def kept_hidden(
    given: Mapping[str, str], form: type[ListForm], known: Collection[str]
) -> dict[str, str]:
    """The parameters that the form has no field for; it sends them on."""
    return {
        name: value
        for name, value in given.items()
        if name not in form.base_fields
        and (name in known or name.startswith("extra."))
        and name != "tz"
    }


def _words(choices: Iterable[Any]) -> set[str]:
    """The words of a list to choose from, also those in groups."""
    found = set()
    for word, label in choices:
        found |= _words(label) if isinstance(label, list | tuple) else {str(word)}
    return found
