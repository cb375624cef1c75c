"""The times that commands give: the world's, which the service's clock bounds."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from domain.errors import DomainError

CLOCK_ALLOWANCE: Final = timedelta(days=1)
"""How far a time may be ahead of the service's clock. A wrong time zone is less than that."""


class TimeInFuture(DomainError):
    """A time is too far ahead of the service's clock."""

    code = "time_in_future"

    def __init__(self, stream_id: UUID, at: datetime) -> None:
        hours = CLOCK_ALLOWANCE // timedelta(hours=1)
        super().__init__(
            f"{at:%Y-%m-%dT%H:%M:%SZ} is more than {hours} hours ahead of the service's clock. "
            f"Nothing was recorded of {stream_id}. Check the clock and the time zone."
        )


def world_time(stream_id: UUID, given: datetime | None, now: datetime | None) -> datetime:
    """When something happened: the time that was given, else `now`, the service's clock.

    Raises `TimeInFuture` if `now` is given too, and the time is too far ahead of it.
    """
    at = given or now
    if at is None:
        raise ValueError("neither the time nor the clock is given")
    if now is not None and at > now + CLOCK_ALLOWANCE:
        raise TimeInFuture(stream_id, at)
    return at
