"""An import in a process of its own, in small chunks, that can be stopped in a phase.

`python -m tests.infrastructure.hosts.in_another_process SOURCE [PHASE N]` imports; in the N-th
PHASE it prints `PHASE N` and waits to be killed. At the end it prints its report as JSON.
"""

import json
import os
import sys
import time
from collections import Counter

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "infrastructure.settings")
CHUNK = 7


def main(source: str, phase: str = "", occurrence: str = "0") -> None:
    django.setup()
    from infrastructure.hosts.importing import chunk, importer

    chunk.EVENTS = CHUNK
    importer.QUIET = 0.2
    seen: Counter[str] = Counter()

    def on_phase(now: str) -> None:
        seen[now] += 1
        if (now, seen[now]) == (phase, int(occurrence)):
            print(now, seen[now], flush=True)
            time.sleep(600)

    report = importer.import_host(source, actor="ops", on_phase=on_phase)
    print(json.dumps(report.as_dict()), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
