"""Attributes: whatever else a client says of a restore, such as a ticket or a source address.

They stand in the row's `extra`, as a host's own columns do, so they follow the same rules: flat,
scalars only, and no name of a column of the row.
"""

import math
import re
from collections.abc import Mapping
from typing import Final

from domain.errors import DomainError
from domain.values import Columns, Tagged, Value

MOST: Final = 50
"""Attributes of one restore."""
NAME: Final = r"[A-Za-z_][A-Za-z0-9_.-]{0,63}"
LONGEST: Final = 1_000
"""Characters of a text."""
ABSENT: Final = "_isnull"
"""How the names of filters end that find rows without an attribute."""

COLUMNS: Final = frozenset(
    {
        *("id", "restore_id", "name", "source_backup", "source_backup_id", "backup_id", "status"),
        *("restore_type", "restore_method", "trigger_type", "target_database", "is_overwrite"),
        *("started_at", "completed_at", "duration_seconds", "message", "created_by"),
        *("created_by_id", "created_by_username", "created_at", "updated_at", "origin", "version"),
        *("amended", "extra", "attributes", "validation", "warnings_count"),
    }
)
"""Names that a row already has, in a table or over REST."""

_named = re.compile(NAME, re.ASCII).fullmatch


class AttributeInvalid(DomainError):
    """An attribute that a row cannot show beside its columns."""

    code = "attribute_invalid"

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"The attribute {name[:80]!a} {why}. Nothing was recorded.")


def as_columns(attributes: Mapping[str, object]) -> Columns:
    """The attributes as events keep them; `AttributeInvalid` names the first that cannot be kept.

    Numbers with a fraction are tagged, as a host's are.
    """
    if len(attributes) > MOST:
        raise AttributeInvalid(list(attributes)[MOST], f"is one too many: at most {MOST} are kept")
    return {name: _kept(name, value) for name, value in attributes.items()}


def _kept(name: str, value: object) -> Value:
    if not _named(name):
        raise AttributeInvalid(
            name, "is not named by a letter or `_` and up to 63 more letters, digits, `_`, `.`, `-`"
        )
    if name in COLUMNS:
        raise AttributeInvalid(name, "has the name of a column of the row")
    if name.endswith(ABSENT):
        raise AttributeInvalid(name, f"ends in `{ABSENT}`, which filters use")
    match value:
        case None | bool() | Tagged():
            return value
        case int() if -(2**63) <= value < 2**63:
            return value
        case float() if math.isfinite(value):
            return Tagged("float", repr(value))
        case str() if len(value) <= LONGEST and "\0" not in value:
            return value
        case str():
            raise AttributeInvalid(
                name, f"is longer than {LONGEST:,} characters, or contains a NUL"
            )
        case int() | float():
            raise AttributeInvalid(name, "is not finite, or a whole number of more than 64 bits")
    raise AttributeInvalid(name, "is not a text, a number, a boolean or null")
