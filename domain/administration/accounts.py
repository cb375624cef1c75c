"""The streams of what happened to accounts, and to the log's readers."""

from typing import Any
from uuid import UUID, uuid5

from domain.aggregate import Aggregate

ACCOUNTS = UUID("0f5f3c1e-6f6b-5a55-9a51-2f6a0a6f4b11")
OCCURRENCES = UUID("0f5f3c1e-6f6b-5a55-9a51-2f6a0a6f4b12")


class AdministrationStream(Aggregate):
    """Events that no rule depends on: the accounts themselves are rows, not aggregates."""

    def when(self, event: Any) -> None:
        """Nothing is kept of them."""


def account_stream(account_id: int) -> UUID:
    """The stream of one account. It stays the same when the account gets another name."""
    return uuid5(ACCOUNTS, str(account_id))


def occurrence_stream(key: str) -> UUID:
    """The stream of something that happens once, by what identifies it, so that it cannot be
    recorded twice.
    """
    return uuid5(OCCURRENCES, key)
