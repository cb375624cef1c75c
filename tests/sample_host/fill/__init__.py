"""Filling a freshly migrated host, table by table, in memory that does not grow with the rows."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model

from . import odd, ordinary, origin, quarantine, strange
from .load import load
from .plan import Plan, Row

LEGACY, CONSOLIDATED = "database_management", "system_backups"


def fill(plan: Plan) -> dict[str, int]:
    """Fill all tables; the same plan gives the same rows. Table → number of rows."""
    users = list(ordinary.users(plan))
    counts = [load(get_user_model(), iter(users))]
    keys = [user["id"] for user in users]
    if plan.variant == "origin":
        for name, rows in (
            ("BackupConfiguration", origin.configurations(plan)),
            ("BackupSchedule", origin.schedules(plan)),
        ):
            counts.append(load(apps.get_model(CONSOLIDATED, name), rows))
    backup_ids = {app: ordinary.backup_ids(plan, app) for app in (LEGACY, CONSOLIDATED)}
    for app, other in ((LEGACY, CONSOLIDATED), (CONSOLIDATED, LEGACY)):
        gone = sorted(set(backup_ids[other]) - set(backup_ids[app]))
        counts += [
            load(apps.get_model(app, "BackupLog"), _backups(plan, app, keys, backup_ids[app])),
            load(
                apps.get_model(app, "RestoreLog"),
                _restores(plan, app, keys, backup_ids[app], gone),
            ),
        ]
    counts.append(load(apps.get_model("reports", "RestoreReview"), ordinary.reviews(plan, keys)))
    return dict(counts)


def _backups(plan: Plan, app: str, users: Sequence[Any], ids: Sequence[int]) -> Iterator[Row]:
    rows = ordinary.backups(plan, app, ids)
    match plan.variant:
        case "strange":
            return strange.backups(plan, app, rows)
        case "origin":
            return origin.backups(plan, app, users, rows)
    return rows


def _restores(
    plan: Plan, app: str, users: Sequence[Any], backup_ids: Sequence[int], gone: Sequence[int]
) -> Iterator[Row]:
    rows = ordinary.restores(plan, app, users, backup_ids)
    if plan.odd:
        rows = odd.sprinkle(plan, app, rows, gone)
    if app == LEGACY:
        rows = chain(rows, quarantine.rows(plan))
    match plan.variant:
        case "strange":
            return strange.restores(plan, app, rows)
        case "origin":
            return origin.restores(plan, app, backup_ids, rows)
    return rows
