"""The form of the list of restores, and its filters in words."""

from api.console.filtering import ANY, YES_OR_NO, ListForm, choice, search_box, text
from api.v1.restores.filters import RestoreFilters

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
STATUSES = ("pending", "in_progress", "completed", "partial", "failed", "cancelled")
ORDERS = (
    ("", "latest first"),
    ("created_at", "oldest first"),
    ("-duration_seconds", "longest first"),
    ("name", "by name"),
    ("target_database", "by target"),
)
KNOWN = RestoreFilters.base_filters.keys() | {"as_of"}
"""The parameters of the list."""


class FilterForm(ListForm):
    """The filters that people ask for most."""

    search = search_box("Words in the name, message, target, user or attributes")
    status = choice("Status", (ANY, *((one, one.replace("_", " ")) for one in STATUSES)))
    target_database = text("Target")
    created_by_username = text("Asked for by")
    since = text("From", "yesterday 18:00, 24h, 2026-01-31")
    until = text("Until", "a day counts to its end")
    run_by = text("Run by")
    restore_type = choice("Type", (ANY, ("database", "database"), ("files", "files")))
    is_overwrite = choice("Overwrites", YES_OR_NO)
    validation = choice("Check of the data", (ANY, ("passed", "passed"), ("failed", "failed")))
    ever = choice("Ever had the status", (ANY, *((one, one.replace("_", " ")) for one in STATUSES)))
    present = choice("Also those left out", (("", "no"), ("any", "yes")))
    ordering = choice("Order", ORDERS)

    route = "restores"
    main = ("search", "status", "target_database", "since", "until")


def restore_filter_said(name: str, value: str) -> str:
    """The value of a filter."""
    if name == "is_overwrite":
        return {"true": "yes", "false": "no"}.get(value, value)
    if name == "present":
        return {"any": "yes or no", "false": "no", "true": "yes"}.get(value, value)
    return value.replace("_", " ") if name in ("status", "ever") else value
