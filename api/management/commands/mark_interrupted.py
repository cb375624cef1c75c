"""`mark_interrupted`: record restores whose wrapper died."""

from typing import Any

from api.management.base import Outcome, ServiceCommand, counted
from infrastructure.event_store.log import Log
from projections.services.interruption import mark_interrupted, silent_restores


class Command(ServiceCommand):
    help = "Record restores as failed whose wrapper has ended without telling how they went."
    changes_something = True

    def run(self, options: dict[str, Any]) -> Outcome:
        if options["dry_run"]:
            found = [str(restore_id) for restore_id in silent_restores(Log())]
            text = f"Dry run. Would record {counted(len(found), 'restore')} as interrupted."
        else:
            found = [str(restore.id) for restore in mark_interrupted(actor=options["actor"])]
            text = f"{counted(len(found), 'restore')} recorded as interrupted."
        return Outcome({"restores": found}, "\n".join([*found, text]))
