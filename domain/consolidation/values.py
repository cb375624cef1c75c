"""Value types of the consolidation."""

from enum import StrEnum
from typing import Literal

import msgspec

Purpose = Literal["verify", "cut_over", "retire"]
"""The purpose of a verification."""


class ConsolidationState(StrEnum):
    """The states of the consolidation."""

    PLANNED = "planned"
    IMPORTED = "imported"
    VERIFIED = "verified"
    CUT_OVER = "cut_over"
    ROLLED_BACK = "rolled_back"
    RETIRED = "retired"


class Scope(StrEnum):
    """Which rows the consolidated tables contain: their own, or the legacy rows too."""

    NATIVE = "native"
    ALL = "all"


How = Literal["same name", "mapped", "proposed", "decided", "none"]
"""How a choice was made: the host's column has the target's name; it is the plan's own mapping
(`restore_method` fills `trigger_type`); it was taken from the list of synonyms; somebody decided
it; or there is no column, and none was requested."""


class ColumnChoice(msgspec.Struct, frozen=True, kw_only=True):
    """Which host columns fill a target column: the first that is not null. Empty: none does."""

    sources: tuple[str, ...]
    how: How
    reason: str | None = None


ColumnChoices = dict[str, dict[str, ColumnChoice]]
"""By the label of the host's table, then by the target column's name."""


class TableDigest(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows a table has, and one hash over all of them."""

    rows: int
    digest: str


class LegacyDigest(msgspec.Struct, frozen=True, kw_only=True):
    """A host's legacy table when the migration ended.

    `digest` is over the host's own rows; `log_digest` over the same rows as the log keeps them,
    which can be computed again without the host.
    """

    rows: int
    digest: str
    log_digest: str


Mappings = dict[str, int]
"""The version of each projection's mapping, by the projection's label."""

Tables = dict[str, TableDigest]
"""By the projection's label, or by the name of a host's table."""
