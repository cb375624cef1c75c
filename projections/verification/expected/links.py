"""The UUIDs of the backups that a table's rows name by their keys."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from projections.verification.cells import Values
from projections.verification.expected.schema import BIGINT
from projections.verification.identity import stream_ids

REMEMBERED = 20_000


def _is_key(value: Any) -> bool:
    """A key is an integer of 64 bits, or one of an unsigned column that is not too large."""
    return value.__class__ is int and -BIGINT - 1 <= value <= BIGINT


class Links(dict[int, str]):
    """The stream of each backup in this host table, by its key; each is computed only once."""

    def __init__(self, host: UUID, backups: str) -> None:
        self.host = host
        self.backups = backups

    def of(self, keys: Sequence[Any]) -> Values:
        """The stream of each key; None for a missing or invalid key."""
        return tuple([self[key] if _is_key(key) else None for key in keys])

    def __missing__(self, key: int) -> str:
        if len(self) > REMEMBERED:
            self.clear()
        self[key] = stream_ids(self.host, self.backups, [key])[0]
        return self[key]
