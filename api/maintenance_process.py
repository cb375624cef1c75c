"""The process of one run of maintenance: `python -m api.maintenance_process NUMBER`.

A server starts it, with its own settings: see `api.maintenance`.
"""

import os
import sys

import django


def run_with_settings(number: str) -> int:
    """Carry out the run with this number; the exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "infrastructure.settings")
    django.setup()
    from api.maintenance import carry_out_run

    return carry_out_run(int(number))


if __name__ == "__main__":
    sys.exit(run_with_settings(sys.argv[1]))
