"""The form of the list of restores, the filters in force as chips, and links that change them."""

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlencode

from django import forms

from api.v1.restores.filters import RestoreFilters

MOST = 1_000
"""Characters of a field: the most that a filter takes."""
LABELS = {
    "search": "words",
    "target_database": "target",
    "created_by_username": "asked for by",
    "run_by": "run by",
    "restore_type": "type",
    "trigger_type": "trigger",
    "is_overwrite": "overwrites",
    "last": "in the last",
    "ever": "ever",
    "present": "in the table",
    "as_of": "as of",
    "tz": "zone",
}
"""Names of filters for people; the others are shown as they are, with blanks."""
SHORTCUTS = (
    ("Failed", {"status": "failed"}),
    ("Running", {"status": "in_progress"}),
    ("Last 24 hours", {"last": "24h"}),
    ("Last 7 days", {"last": "7 days"}),
    ("Overwrites", {"is_overwrite": "true"}),
    ("Not checked", {"status_in": "completed,partial", "validation_isnull": "true"}),
    ("With warnings", {"warnings_count_min": "1"}),
)
"""Filters that are one click away."""
ANY = ("", "any")
YES_OR_NO = (ANY, ("true", "yes"), ("false", "no"))
STATUSES = ("pending", "in_progress", "completed", "partial", "failed", "cancelled")
ORDERS = (
    ("", "latest first"),
    ("created_at", "oldest first"),
    ("-duration_seconds", "longest first"),
    ("name", "by name"),
    ("target_database", "by target"),
)


def _choice(label: str, choices: object, **more: object) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, required=False, **more)


def _text(label: str, hint: str = "") -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"})
    return forms.CharField(
        label=label, help_text=hint, required=False, max_length=MOST, widget=widget
    )


class FilterForm(forms.Form):
    """The filters that people ask for most. It only shows them: REST's filters check them."""

    search = forms.CharField(
        label="Search",
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocapitalize": "none"}),
        help_text="Words in the name, message, target, user or attributes",
    )
    status = _choice("Status", (ANY, *((one, one.replace("_", " ")) for one in STATUSES)))
    target_database = _text("Target")
    created_by_username = _text("Asked for by")
    since = _text("From", "yesterday 18:00, 24h, 2026-01-31")
    until = _text("Until", "a day is included")
    run_by = _text("Run by")
    restore_type = _choice("Type", (ANY, ("database", "database"), ("files", "files")))
    is_overwrite = _choice("Overwrites its target", YES_OR_NO)
    validation = _choice("Check of the data", (ANY, ("passed", "passed"), ("failed", "failed")))
    ever = _choice(
        "Ever had the status", (ANY, *((one, one.replace("_", " ")) for one in STATUSES))
    )
    present = _choice("Also those that are not in the table", (("", "no"), ("any", "yes")))
    ordering = _choice("Order", ORDERS)

    def __init__(self, given: Mapping[str, str]) -> None:
        super().__init__(given)
        for name, field in self.fields.items():
            # A word of the host's own that a link asks for stays asked for.
            if isinstance(field, forms.ChoiceField) and name in given:
                known = dict(field.choices)
                field.choices = [*field.choices, *((w, w) for w in [given[name]] if w not in known)]

    main = ("search", "status", "target_database", "since", "until")
    """The fields that are always shown."""

    def first_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.main]

    def other_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name not in self.main]

    def is_more_asked(self) -> bool:
        """Whether one of the other fields is in use."""
        return any(self.data.get(name) for name in self.fields if name not in self.main)


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


def query(given: Mapping[str, str], **changes: str | None) -> str:
    """A query with these parameters, changed; it begins the list anew."""
    asked = {**given, "cursor": None, **changes}
    return "?" + urlencode({name: value for name, value in asked.items() if value is not None})


def chips(given: Mapping[str, str]) -> list[Chip]:
    """The filters that are in force."""
    return [
        Chip(
            LABELS.get(name, name.replace("_", " ")),
            _said(name, value),
            query(given, **{name: None}),
        )
        for name, value in given.items()
        if name not in ("cursor", "ordering", "tz")
    ]


def shortcuts(given: Mapping[str, str]) -> list[Shortcut]:
    """What is one click away: with one that is in force, the click takes it back."""
    found = []
    for label, filters in SHORTCUTS:
        current = all(given.get(name) == value for name, value in filters.items())
        changes = dict.fromkeys(filters) if current else filters
        found.append(Shortcut(label, query(given, **changes), current))
    return found


def kept_hidden(given: Mapping[str, str]) -> dict[str, str]:
    """The parameters that the form has no field for; it sends them on."""
    known = RestoreFilters.base_filters.keys() | {"as_of"}
    return {
        name: value
        for name, value in given.items()
        if name not in FilterForm.base_fields
        and (name in known or name.startswith("extra."))
        and name != "tz"
    }


def _said(name: str, value: str) -> str:
    if name == "is_overwrite":
        return {"true": "yes", "false": "no"}.get(value, value)
    if name == "present":
        return {"any": "or not", "false": "not", "true": "yes"}.get(value, value)
    return value.replace("_", " ") if name in ("status", "ever") else value
