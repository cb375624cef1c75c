"""What refers to a row, in its three forms."""

from __future__ import annotations

from typing import NamedTuple

from django.core.management.base import CommandError

# --- The text from here on is the same in every migration. ---

RECORD = ("restorelog_repointed", "restorelog_repointed_key", "restorelog_repointed_row")
ADMIN_LOG = "django_admin_log"
FORTH, BACK = ("legacy_id", "consolidated_id"), ("consolidated_id", "legacy_id")


class RepointRefused(CommandError):
    """Nothing was changed; the message says why."""


class ForeignKey(NamedTuple):
    """A column that refers to a legacy table, and the column that names a row of its table."""

    kind: str
    table: str
    column: str
    key: str

    @property
    def pointer(self) -> str:
        return f"{self.table}.{self.column}"


class Generic(NamedTuple):
    """Two columns that name a row of any model: its content type, and its id."""

    table: str
    type_column: str
    object_column: str
    is_text: bool
    key: str

    @property
    def pointer(self) -> str:
        return f"{self.table}.{self.object_column}"

    @property
    def what(self) -> str:
        return "admin log" if self.table == ADMIN_LOG else "generic"


class Grants(NamedTuple):
    """A table that says who has which permission."""

    table: str
    holder: str
    permission: str
    key: str

    @property
    def pointer(self) -> str:
        return f"{self.table}.{self.permission}"
