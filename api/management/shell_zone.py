"""The operator's time zone: that of the shell, not of the service, whose times are UTC."""

import io
import os
import struct
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings

from domain.errors import RestoreLogError

LOCALTIME = Path("/etc/localtime")
"""The system's zone, where `TZ` does not name one."""


class ZoneUnknown(RestoreLogError):
    """`TZ` names a zone that cannot be found: times would be read and shown in a wrong one."""

    code = "shell_zone_unknown"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"TZ={name!r} is not a known time zone. Set TZ to a name such as Europe/Berlin or UTC."
        )


def shell_zone() -> tzinfo:
    """The zone that `TZ` names, else the system's, else UTC. Raises `ZoneUnknown`."""
    name: str = settings.SHELL_TIME_ZONE
    if name:
        return _named(name)
    try:
        file = LOCALTIME.resolve(strict=True)
        _, found, key = str(file).partition("zoneinfo/")
        with file.open("rb") as data:
            return ZoneInfo.from_file(data, key=key if found else "the system's zone")
    except (OSError, ValueError):
        return UTC


def _named(name: str) -> tzinfo:
    plain = name.removeprefix(":")
    try:
        if os.path.isabs(plain):
            with open(plain, "rb") as data:
                return ZoneInfo.from_file(data, key=plain)
        return ZoneInfo(plain)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    try:
        return _by_rule(plain)
    except (ValueError, UnicodeError) as error:
        raise ZoneUnknown(name) from error


def _by_rule(rule: str) -> tzinfo:
    """The zone of a POSIX rule, such as `CET-1CEST,M3.5.0,M10.5.0/3`.

    Zone files (RFC 8536) end in such a rule, so it is read as a file that has nothing else.
    """
    empty = b"TZif2" + bytes(15) + struct.pack(">6l", 0, 0, 0, 0, 1, 4)
    empty += struct.pack(">lbb", 0, 0, 0) + b"UTC\0"
    return ZoneInfo.from_file(io.BytesIO(empty * 2 + b"\n" + rule.encode() + b"\n"), key=rule)


def zone_name(zone: tzinfo) -> str:
    """`Europe/Berlin`, `UTC`."""
    name = str(zone)
    return "UTC" if name == "Etc/UTC" else name


def local(moment: datetime, zone: tzinfo) -> datetime:
    """The time in this zone; in UTC where the calendar ends."""
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment.astimezone(UTC)


def offset(moment: datetime) -> str:
    """The offset of a local time, as `UTC` or `+02:00`."""
    if moment.tzinfo is not None and zone_name(moment.tzinfo) == "UTC":
        return "UTC"
    text = moment.strftime("%z")
    return f"{text[:3]}:{text[3:5]}"


def zoned(moment: datetime, zone: tzinfo) -> str:
    """The time in this zone, with its offset: `2025-06-01 14:00:00 +02:00`."""
    there = local(moment, zone)
    return f"{day_and_time(there)} {offset(there)}"


def exactly_zoned(moment: datetime, zone: tzinfo) -> str:
    """The same with the fraction of its second, if it has one."""
    there = local(moment, zone)
    return f"{there.replace(tzinfo=None).isoformat(' ')} {offset(there)}"


def day_and_time(moment: datetime) -> str:
    """`2025-06-01 14:00:00`, without its zone; years have four digits."""
    return moment.replace(tzinfo=None, microsecond=0).isoformat(" ")
