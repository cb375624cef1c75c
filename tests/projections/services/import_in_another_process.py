"""A first import in a process of its own, for tests that kill it.

    python -m tests.projections.services.import_in_another_process SOURCE PHASE

When the phase begins its name is printed, and the process waits to be killed.
"""

import os
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "infrastructure.settings")


def main(source: str, wanted: str) -> None:
    django.setup()
    from projections.engine import first_fill
    from projections.services.host_import import import_host

    def on_phase(phase: str) -> None:
        if phase == wanted:
            print(phase, flush=True)
            time.sleep(600)

    first_fill.ENOUGH = 10
    import_host(source, actor="ops", on_phase=on_phase)


if __name__ == "__main__":
    main(*sys.argv[1:])
