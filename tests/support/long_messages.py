"""Restores whose messages are 50 MB long, and ordinary ones; and requests that meet them.

`python -m tests.support.long_messages` records them in the service's database.
"""

import os
from typing import Any

import django

BYTES = 50_000_000
MANY = 2_000
LONG, SHORT = 2_000_000_000_001, 2_000_000_000_003
"""The ids of a restore with such a message, and of an ordinary one."""
MEMORY = 300 * 10**6
"""Bytes that a process of the server may hold at most."""


def asked(auditor: dict[str, str]) -> list[Any]:
    """Paths and headers of what an auditor can ask that has to do with the long messages."""
    return [
        ("/readyz", {}),
        ("/api/v1/restores/", auditor),
        ("/api/v1/restores/?search=needle", auditor),
        ("/api/v1/audit/events/?page_size=1000", auditor),
        (f"/api/v1/restores/{LONG}/", auditor),
        (f"/api/v1/restores/{LONG}/events/?format=api", auditor),
    ]


ASKED_BY_ANOTHER = [f"/api/v1/restores/{rest}" for rest in ("", f"{SHORT}/", f"{LONG}/")]


def fill() -> None:
    from infrastructure.event_store.codec import new_event
    from infrastructure.event_store.log import Log
    from projections.engine.catch_up import catch_up
    from tests.builders import requested

    for number in (1, 2):
        Log().append([new_event(requested(number, message="é" + "m" * BYTES))])
    Log().append([new_event(requested(number)) for number in range(3, MANY)])
    catch_up()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "infrastructure.settings")
    django.setup()
    fill()
