"""Conversion of naive local times to instants, for hosts that stored local time."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.times import read_time
from domain.values import Tagged
from infrastructure.hosts.errors import UnknownTimeZone

UTC_NAMES = frozenset({"", "UTC", "Etc/UTC", "Z", "Zulu", "Etc/Zulu", "Universal", "Etc/UCT"})


class Instant(NamedTuple):
    """The instant of a local time. `certain` is false if that time came twice or never."""

    time: Tagged
    certain: bool


def named_zone(name: str) -> str:
    """The zone's name for the log: UTC for all names of UTC. Raises `UnknownTimeZone`."""
    zone = zone_called(name)
    return "UTC" if zone is None else zone.key


def zone_called(name: str) -> ZoneInfo | None:
    """The time zone of this name; None for UTC, in which naive text is the instant already."""
    if name in UTC_NAMES:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UnknownTimeZone(name) from None


def local_to_instant(text: str, zone: ZoneInfo) -> Instant | None:
    """The instant of a naive local time; None for text that has an offset or is not a time.

    For a time that came twice, this is the first; for one that was skipped, the offset before the
    gap is used: PEP 495's fold 0 in both cases.
    """
    local = read_time(text)
    if local is None or local.tzinfo is not None:
        return None
    try:
        first = _offset(local, zone)
        certain = first == _offset(local.replace(fold=1), zone)
        moment = (local - first).replace(tzinfo=UTC)
    except OverflowError:
        # The instant is out of range. Naive text would be read as UTC; this text is not a time.
        return Instant(Tagged("time", f"{text} {zone.key}"), certain=True)
    return Instant(Tagged("time", moment.isoformat()), certain)


def _offset(local: datetime, zone: ZoneInfo) -> timedelta:
    return zone.utcoffset(local.replace(tzinfo=zone)) or timedelta(0)
