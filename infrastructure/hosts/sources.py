"""Source URLs: reading them, and spelling them without their passwords."""

from typing import Any

import dj_database_url

from infrastructure.discretion import looks_like_more
from infrastructure.hosts.errors import BadSourceUrl, NoSource

VENDORS = {
    "django.db.backends.sqlite3": "sqlite",
    "django.db.backends.postgresql": "postgresql",
    "django.db.backends.mysql": "mysql",
}


def source_settings(url: str) -> dict[str, Any]:
    """Django's settings for the host's URL; `BadSourceUrl` if it names no database we read."""
    if not url.strip():
        raise NoSource
    try:
        settings = dict(dj_database_url.parse(url))
    except (ValueError, TypeError, KeyError):
        # The parser's own words may repeat the URL, password and all.
        raise BadSourceUrl("it is not a database URL") from None
    if settings["ENGINE"] not in VENDORS:
        engine = str(settings["ENGINE"]).rsplit(".", 1)[-1]
        raise BadSourceUrl(f"hosts on {engine} are not supported")
    if not settings.get("NAME") or settings["NAME"] == ":memory:":
        raise BadSourceUrl("it names no database")
    if VENDORS[settings["ENGINE"]] != "sqlite" and looks_like_more(str(settings["NAME"])):
        raise BadSourceUrl("what stands for the database's name looks like more than a name")
    return settings


def spelled(settings: dict[str, Any]) -> str:
    """Where a database is, for messages: never with a password or a query string."""
    name = settings["NAME"]
    if VENDORS[settings["ENGINE"]] == "sqlite":
        return str(name)
    return f"{settings.get('HOST') or 'localhost'}/{name}"
