"""`python -m tests.sample_host.restores_recorded N`: so many restores, recorded by the service."""

import os
import sys


def main(number: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "infrastructure.settings")
    import django

    django.setup()

    from projections.services import record

    for one in range(number):
        kind = ("database", "database", "database", "files")[one % 4]
        restore = record.request_restore(
            name=f"nightly check {one}",
            actor="demo",
            restore_type=kind,
            target_database="orders" if kind == "database" else "",
            is_overwrite=one % 8 == 1,
        ).what
        record.start_restore(restore.id, actor="demo")
        if one % 10 == 9:
            record.fail_restore(restore.id, actor="demo", message="disk full on the target")
        else:
            outcome = "partial" if one % 10 == 5 else "completed"
            record.complete_restore(restore.id, actor="demo", message="done", outcome=outcome)
    print(f"{number} restores were requested, started and ended")


if __name__ == "__main__":
    main(int(sys.argv[1]))
