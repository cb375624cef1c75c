"""The time zone of this machine, as the service understands it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

LOCALTIME = Path("/etc/localtime")
"""The system's zone, where `TZ` does not name one."""


def zone_here(environment: Mapping[str, str] | None = None) -> str:
    """Its name, such as `Europe/Berlin`; if it has none, its offset from UTC as it is now."""
    given = (os.environ if environment is None else environment).get("TZ", "").lstrip(":")
    name = given or _system_zone()
    if name and not name.startswith("/"):
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass
        else:
            return "UTC" if name == "Etc/UTC" else name
    offset = datetime.now().astimezone().strftime("%z")
    return f"{offset[:3]}:{offset[3:5]}"


def _system_zone() -> str:
    try:
        return str(LOCALTIME.resolve(strict=True)).partition("zoneinfo/")[2]
    except OSError:
        return ""
