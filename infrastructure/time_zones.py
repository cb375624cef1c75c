"""Time zones by name, as people give them."""

import re
from datetime import UTC, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_OFFSET = re.compile(r"([+-])([01][0-9]|2[0-3]):?([0-5][0-9])", re.ASCII).fullmatch


class NotATimeZone(ValueError):
    """The text names no time zone."""


def time_zone(name: str) -> tzinfo:
    """The zone with this name, such as `Europe/Berlin`, or offset, such as `+05:30`.

    Raises `NotATimeZone`.
    """
    if name == "UTC":
        return UTC
    if found := _OFFSET(name):
        sign, hours, minutes = found.groups()
        length = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(-length if sign == "-" else length)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise NotATimeZone(name) from error


def name_of_zone(zone: tzinfo) -> str:
    """Its name, as `time_zone` reads it."""
    name = str(zone)
    return name.removeprefix("UTC") if name.startswith(("UTC+", "UTC-")) else name
