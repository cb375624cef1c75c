"""`python -m tests.sample_host.restores_recorded N`: so many restores, recorded by the service."""

import os
import sys


def main(number: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "infrastructure.settings")
    import django

    django.setup()

    from infrastructure.application import RestoreLog
    from projections.engine.catch_up import catch_up

    log = RestoreLog()
    for one in range(number):
        kind = ("database", "database", "database", "files")[one % 4]
        restore = log.request_restore(
            name=f"nightly check {one}",
            actor="demo",
            restore_type=kind,
            target_database="orders" if kind == "database" else "",
            is_overwrite=one % 8 == 1,
        )
        log.start_restore(restore.id, actor="demo")
        if one % 10 == 9:
            log.fail_restore(restore.id, actor="demo", message="disk full on the target")
        else:
            outcome = "partial" if one % 10 == 5 else "completed"
            log.complete_restore(restore.id, actor="demo", message="done", outcome=outcome)
    catch_up()
    print(f"{number} restores were requested, started and ended")


if __name__ == "__main__":
    main(int(sys.argv[1]))
