"""A host that keeps writing to both tables while somebody imports from it."""

import json
import time
from collections import Counter
from datetime import datetime
from random import Random
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models
from django.utils import timezone

LABELS = ("database_management.RestoreLog", "system_backups.RestoreLog")


def keep_writing(*, seconds: float, rate: float, seed: int) -> None:
    """Insert and update restores through the host's models; print what was written as JSON.

    An update finishes or amends a row without reading it whole, as it may be a very odd one.
    """
    random = Random(seed)
    users = list(get_user_model().objects.values_list("pk", flat=True))
    written: Counter[str] = Counter()
    start = time.monotonic()
    for number in range(max(1, int(seconds * rate))):
        model = apps.get_model(random.choice(LABELS))
        done = "updated" if random.random() < 0.5 and _update(model, random) else "inserted"
        if done == "inserted":
            _insert(model, random, number, users)
        written[f"{model._meta.label} {done}"] += 1
        time.sleep(max(0.0, start + (number + 1) / rate - time.monotonic()))
    print(json.dumps(written, indent=2, sort_keys=True))


def _insert(model: type[models.Model], random: Random, number: int, users: list[Any]) -> None:
    """Another restore starts now; the model's own defaults do the rest."""
    row = {
        "name": f"written while running {number}",
        "status": "in_progress",
        "started_at": _now(),
        "created_by_id": random.choice(users),
        "restore_method": "automatic",
        "trigger_type": "automatic",
        "target_database": "orders",
    }
    fields = {field.attname: field for field in model._meta.concrete_fields}
    backup = fields.get("source_backup_id")
    if backup is not None and not backup.null:
        backups = backup.related_model._base_manager.values_list("pk", flat=True)
        row["source_backup_id"] = random.choice(list(backups))
    model._base_manager.create(**{k: v for k, v in row.items() if k in fields})


def _update(model: type[models.Model], random: Random) -> bool:
    """Some restore changes; False when there is none."""
    rows = model._base_manager.order_by("pk").values_list("pk", flat=True)
    last = rows.last()
    if last is None:
        return False
    some = rows.filter(pk__gte=random.randint(1, last)).first()
    status = random.choice(("completed", "failed", "cancelled"))
    model._base_manager.filter(pk=some).update(
        status=status, completed_at=_now(), updated_at=_now(), message=f"now {status} 🕛"
    )
    return True


def _now() -> datetime:
    """What the host's own code would store: aware or naive local, as its settings say."""
    return timezone.now()
