"""Changing the log behind the service's back, as the owner of its database could."""

from tests.support import raw


def unlock(url: str) -> None:
    """Put the triggers that keep the log append-only out of the way."""
    if url.startswith("sqlite"):
        for (name,) in raw.rows(url, "SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            raw.execute(url, f"DROP TRIGGER {name}")
    else:
        raw.execute(url, "ALTER TABLE event_store_event DISABLE TRIGGER ALL")


def forge(url: str, *statements: str) -> None:
    """Run these statements with the triggers out of the way."""
    unlock(url)
    for statement in statements:
        raw.execute(url, statement)
