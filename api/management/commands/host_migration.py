"""`manage.py host_migration`: write a Django migration for the host."""

from typing import Any

from django.core.management.base import CommandParser

from api.management.arguments import OptionsDoNotFit, at_least, folder
from api.management.base import Outcome, ServiceCommand, add_source, counted
from infrastructure.event_store.log import Log
from infrastructure.printable import printable
from projections.host_migration.answers import spelled_answers
from projections.services.host_migration import HostMigration, write_host_migration
from projections.services.lost_events import refuse_lost_events

BATCH = 2_000
"""Rows in each transaction, if only `--batches` is given."""


class Command(ServiceCommand):
    help = (
        "Write a Django migration that moves the host's legacy restores into its own consolidated "
        "table, and can take it back. Neither the host nor the log is changed."
    )

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--out",
            type=folder,
            required=True,
            metavar="DIR",
            help="the folder to write to, such as the migrations of the host's system_backups",
        )
        parser.add_argument(
            "--value",
            action="append",
            default=[],
            metavar="TABLE.COLUMN=VALUE",
            help="the value, in moved rows, of a column that no legacy column fills",
        )
        parser.add_argument(
            "--copy",
            action="append",
            default=[],
            metavar="TABLE.COLUMN=LEGACY_COLUMN",
            help="fill a column of the consolidated table with this legacy column",
        )
        parser.add_argument(
            "--leave-out",
            action="append",
            default=[],
            metavar="TABLE.COLUMN",
            help="this legacy column stays behind",
        )
        parser.add_argument(
            "--depends-on",
            action="append",
            default=[],
            metavar="APP.MIGRATION",
            help="a migration of the host that has to come before (default: the last applied "
            "ones of system_backups and database_management)",
        )
        parser.add_argument(
            "--top-up",
            action="store_true",
            help="a further migration, for the legacy rows that were written or changed since",
        )
        parser.add_argument(
            "--batches",
            nargs="?",
            type=at_least(1),
            const=BATCH,
            default=0,
            metavar="SIZE",
            help="move so many rows in each transaction, while the host's programs go on writing "
            f"(without SIZE: {BATCH:,}; default: all rows in one transaction)",
        )
        parser.add_argument(
            "--reverse-check",
            nargs="?",
            const="",
            metavar="URL",
            help="try it on this copy of the host, forward and backward, and compare every row "
            "(without URL, on SQLite: on a copy that is made and removed)",
        )
        add_source(parser)

    def run(self, options: dict[str, Any]) -> Outcome:
        refuse_lost_events(Log())
        if options["top_up"] and (options["value"] or options["copy"] or options["leave_out"]):
            raise OptionsDoNotFit(
                "--top-up takes the columns from the first migration: do without --value, --copy "
                "and --leave-out."
            )
        written = write_host_migration(
            options["source"],
            options["out"],
            answers=spelled_answers(options["value"], options["copy"], options["leave_out"]),
            top_up=options["top_up"],
            depends_on=options["depends_on"],
            reverse_check=options["reverse_check"],
            batches=options["batches"],
        )
        tried = written.rehearsal
        differs = tried is not None and bool(tried.differences)
        return Outcome(written.as_dict(), _text(written), exit_code=int(differs))


def _text(written: HostMigration) -> str:
    plan = written.plan
    lines = [f"Written: {printable(str(written.module))}, and a page about it beside it."]
    for table in plan.tables:
        what = "those that restores refer to" if table.kind == "backup" else "all"
        if not plan.first:
            what = "those that are new or have changed"
        lines.append(
            f"{table.legacy} → {table.consolidated}: {what}, of "
            f"{counted(written.rows[table.legacy], 'row')} today"
        )
        lines += [
            f"  {column.name} = {printable(str(column.value))} ({column.filled})"
            for column in table.columns
            if column.filled in ("assumed", "given")
        ]
        if table.left_out:
            lines.append(f"  stay behind: {', '.join(table.left_out)}")
    if plan.batches:
        lines.append(f"Each transaction moves {counted(plan.batches, 'row')} at most.")
    if plan.adds_target:
        lines.append(f"{plan.restores.consolidated} gets the column {plan.target}.")
    if written.quarantined:
        lines.append(
            f"{counted(written.quarantined, 'legacy row')} cannot be held by the tables here. The "
            "host's own table may hold them: they are moved too, as they are."
        )
    tried = written.rehearsal
    if tried is None:
        lines.append("Rehearse it on a copy of the host first, forward and backward.")
    elif tried.differences:
        lines.append(f"On the copy, there and back, these differ: {', '.join(tried.differences)}")
    else:
        lines.append(
            f"On the copy, forward in {tried.forward_seconds:.1f} s and back in "
            f"{tried.back_seconds:.1f} s: every row, column and counter is as before."
        )
    return "\n".join(lines)
