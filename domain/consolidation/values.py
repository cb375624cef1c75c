"""The words the consolidation is described with."""

from enum import StrEnum
from typing import Literal

import msgspec

Purpose = Literal["verify", "cut_over", "retire"]
"""What a verification was made for."""


class State(StrEnum):
    """How far the consolidation has come."""

    PLANNED = "planned"
    IMPORTED = "imported"
    VERIFIED = "verified"
    CUT_OVER = "cut_over"
    ROLLED_BACK = "rolled_back"
    RETIRED = "retired"


class TableDigest(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows a table has, and one hash over all of them."""

    rows: int
    digest: str


class LegacyDigest(msgspec.Struct, frozen=True, kw_only=True):
    """A host's legacy table when the migration ended.

    `digest` is over the host's own rows; `log_digest` over the same rows as the log keeps them,
    which can be worked out again without the host.
    """

    rows: int
    digest: str
    log_digest: str


Mappings = dict[str, int]
"""The version of each projection's mapping, by the projection's label."""

Tables = dict[str, TableDigest]
"""By the projection's label, or by the name of a host's table."""
