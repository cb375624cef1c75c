"""`verify_log`: the hash chain, whole."""

from dataclasses import asdict
from typing import Any

from infrastructure.commands import Command as BaseCommand
from infrastructure.commands import Outcome
from infrastructure.event_store.verify import verify_chain


class Command(BaseCommand):
    help = (
        "Recompute the log's hash chain from its first event to its last. Exit 0: it fits; "
        "1: it does not, and the first bad position is named."
    )

    def run(self, options: dict[str, Any]) -> Outcome:
        with self.progress("Verifying the log") as tick:
            report = verify_chain(progress=tick)
        if report.ok:
            text = f"The log is whole: {report.events:,} events, chain head {report.head}"
        else:
            text = (
                f"The log does NOT fit its hash chain at position {report.first_bad}: "
                f"{report.problem}.\nThe {report.events:,} events before it do. Projections "
                "refuse to go on from here; compare with a backup of the log."
            )
        return Outcome(asdict(report), text, 0 if report.ok else 1)
