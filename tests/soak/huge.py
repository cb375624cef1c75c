"""`python -m tests.soak.huge BYTES`: restores whose messages are that long, and ordinary ones."""

import os
import sys

import django

MANY = 2_000


def fill(size: int) -> None:
    from infrastructure.event_store.codec import new_event
    from infrastructure.event_store.log import Log
    from projections.engine.catch_up import catch_up
    from tests.builders import requested

    for number in (1, 2):
        Log().append([new_event(requested(number, message="é" + "m" * size))])
    Log().append([new_event(requested(number)) for number in range(3, MANY)])
    catch_up()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "infrastructure.settings")
    django.setup()
    fill(int(sys.argv[1]))
