"""What people recorded and corrected in these logs; the old code runs it, in its own process."""

import os
import sys
from datetime import UTC, datetime

AMENDMENTS = {
    "plan": {
        ("legacy", 2): {"is_overwrite": True, "message": "the disk was full"},
        ("legacy", 4): {"target_database": "attic"},
        ("consolidated", 3): {"target_database": "crm_old"},
    },
    "origin": {
        ("legacy", 6): {"is_overwrite": False},
        ("legacy", 2): {"status": "partial"},
        ("consolidated", 5): {"is_overwrite": True},
    },
}
"""By host: origin and the host's own id, then what a person set right."""

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def main(host: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "infrastructure.settings"
    import django

    django.setup()

    from projections.database_management.models import RestoreLog as Legacy
    from projections.engine.catch_up import catch_up
    from projections.services import record
    from projections.system_backups.models import RestoreLog as Consolidated

    catch_up()
    for (origin, key), changes in AMENDMENTS[host].items():
        row = (Legacy if origin == "legacy" else Consolidated).objects.get(id=key)
        record.amend_restore(
            row.restore_id, changes, actor="ines", reason="as the paper log has it"
        )
    for name, kind, overwrite in (("drill", "database", True), ("media", "files", False)):
        restore = record.request_restore(
            name=name,
            actor="ines",
            restore_type=kind,
            is_overwrite=overwrite,
            target_database="drill" if kind == "database" else "",
            requested_at=NOON,
        ).what
        record.start_restore(restore.id, actor="ines", started_at=NOON)
        record.complete_restore(restore.id, actor="ines", completed_at=NOON.replace(minute=7))


if __name__ == "__main__":
    main(sys.argv[1])
