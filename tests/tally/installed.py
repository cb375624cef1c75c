"""The app in this process, as if INSTALLED_APPS had named it, and what its table has to say."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.apps import AppConfig, apps
from django.core.management import call_command

from projections.engine.registry import PROJECTIONS
from tests.support import raw

LABEL = "tally.Restores"
TABLE = "tally_restores"
DAYS = {
    "sqlite": "substr(coalesce(started_at, created_at), 1, 10)",
    "postgres": "(coalesce(started_at, created_at) AT TIME ZONE 'UTC')::date",
}


@contextmanager
def installed() -> Iterator[None]:
    """Install and migrate it, on the database that this process uses."""
    config = AppConfig.create("tests.tally")
    config.apps = apps
    config.import_models()
    apps.app_configs[config.label] = config
    apps.clear_cache()
    config.ready()
    try:
        call_command("migrate", config.label, verbosity=0)
        yield
    finally:
        del apps.app_configs[config.label], PROJECTIONS[LABEL]
        apps.clear_cache()


def told(url: str) -> dict[tuple[date, str], tuple[Any, ...]]:
    """What the table says, by day and target."""
    found = raw.rows(url, f"SELECT day, target, restores, completed, seconds FROM {TABLE}")
    said = {(_date(day), target): tuple(measures) for day, target, *measures in found}
    assert len(said) == len(found)
    return said


def due(url: str) -> dict[tuple[date, str], tuple[Any, ...]]:
    """What it has to say, counted by the database from the consolidated table."""
    day = DAYS[url.split(":")[0]]
    found = raw.rows(
        url,
        f"SELECT {day}, target_database, count(*),"
        " sum(CASE WHEN status = 'completed' THEN 1 ELSE 0 END),"
        " sum(coalesce(duration_seconds, 0)) FROM system_backups_restorelog GROUP BY 1, 2",
    )
    return {(_date(day), target): tuple(map(int, measures)) for day, target, *measures in found}


def _date(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)
