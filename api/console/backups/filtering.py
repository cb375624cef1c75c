"""The form of the list of backups, and its filters in words."""

from api.console.filtering import ANY, YES_OR_NO, ListForm, choice, search_box, text
from api.v1.backups.listed import BackupFilters

LABELS = {
    "search": "words",
    "database_name": "database",
    "backup_type": "type",
    "file_path": "stored at",
    "size_bytes_min": "bytes, at least",
    "size_bytes_max": "bytes, at most",
    "last": "in the last",
    "never_restored": "never restored",
    "never_validated": "never validated",
}
"""Names of filters for people; the others are shown as they are, with blanks."""
SHORTCUTS = (
    ("Never restored", {"never_restored": "true"}),
    ("Never validated", {"never_validated": "true"}),
    ("Last 24 hours", {"last": "24h"}),
    ("Last 7 days", {"last": "7 days"}),
    ("Expired", {"status": "expired"}),
)
"""Filters that are one click away."""
STATUSES = ("completed", "failed", "expired")
ORIGINS = (
    ANY,
    ("recorded", "registered here"),
    ("legacy", "the legacy table"),
    ("consolidated", "the host’s consolidated table"),
)
ORDERS = (
    ("", "latest first"),
    ("created_at", "oldest first"),
    ("-size_bytes", "largest first"),
    ("name", "by name"),
    ("database_name", "by database"),
)
KNOWN = BackupFilters.base_filters.keys()
"""The parameters of the list."""


class BackupFilterForm(ListForm):
    """The filters that people ask for most."""

    search = search_box("Words in the name, database or location")
    status = choice("Status", (ANY, *((one, one) for one in STATUSES)))
    database_name = text("Database")
    since = text("From", "yesterday 18:00, 24h, 2026-01-31")
    until = text("Until", "a day counts to its end")
    backup_type = text("Type", "database, files, full, …")
    never_restored = choice("Never restored", YES_OR_NO)
    never_validated = choice("Never validated", YES_OR_NO)
    origin = choice("Known from", ORIGINS)
    file_path = text("Stored at", "exactly this path")
    ordering = choice("Order", ORDERS)

    route = "backups"
    main = ("search", "status", "database_name", "since", "until")


def backup_filter_said(name: str, value: str) -> str:
    """The value of a filter."""
    if name in ("never_restored", "never_validated"):
        return {"true": "yes", "false": "no"}.get(value, value)
    return dict(ORIGINS).get(value, value) if name == "origin" else value
