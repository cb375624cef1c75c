"""`accept_log`: accept the log as it is now, although it differs from what was remembered."""

from typing import Any

from django.core.management.base import CommandParser

from api.management.base import Outcome, ServiceCommand
from infrastructure.event_store.errors import NothingToAccept
from infrastructure.event_store.log import Log
from projections.services import record
from projections.services.lost_events import lost_heads


class Command(ServiceCommand):
    help = (
        "Accept a log that lost events, or that is not the remembered one, for a reason "
        "that the log keeps. Until then no event can be recorded."
    )
    changes_something = True

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--reason", required=True, metavar="TEXT", help="why; needed, and the log keeps it"
        )

    def run(self, options: dict[str, Any]) -> Outcome:
        if options["dry_run"]:
            lost, position = lost_heads(Log()), Log().head().position
            if not lost:
                raise NothingToAccept("the log contains all remembered heads")
            told = f"Dry run. Would accept that the log ends at position {position:,}, without:"
        else:
            recorded = record.accept_log(actor=options["actor"], reason=options["reason"])
            lost, position = list(recorded.what.lost), recorded.position
            told = f"Accepted, at position {position:,}: the log goes on as it is, without:"
        lines = [
            told,
            *(f"  position {one.position:,}, remembered by {one.remembered_by}" for one in lost),
            "Projections that remembered more have to be rebuilt: manage.py rebuild",
        ]
        result = {
            "position": position,
            "lost": [
                {"remembered_by": one.remembered_by, "position": one.position, "hash": one.hash}
                for one in lost
            ],
        }
        return Outcome(result, "\n".join(lines))
