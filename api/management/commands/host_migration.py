"""`manage.py host_migration`: write a Django migration for the host."""

from typing import Any

from django.core.management.base import CommandParser

from api.management.arguments import OptionsDoNotFit, at_least, folder
from api.management.base import Outcome, ServiceCommand, add_source, counted
from infrastructure.event_store.log import Log
from infrastructure.printable import printable
from projections.host_migration.answers import spelled_answers
from projections.host_migration.rehearsal import Rehearsal
from projections.services.host_migration import HostMigration, write_host_migration
from projections.services.host_pointers import write_pointers
from projections.services.lost_events import refuse_lost_events

BATCH = 2_000
"""Rows in each transaction, if only `--batches` is given."""


class Command(ServiceCommand):
    help = (
        "Write a Django migration that moves the host's legacy restores into its own consolidated "
        "table, and can take it back. With --pointers, a second one for what refers to them. "
        "Neither the host nor the log is changed."
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
            help="this legacy column stays behind; with --pointers, this column goes on referring "
            "to legacy rows",
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
            "--pointers",
            action="store_true",
            help="a second migration: what refers to legacy rows (foreign keys, content types, the "
            "admin's log, permissions) refers to their copies",
        )
        parser.add_argument(
            "--object-id",
            action="append",
            default=[],
            metavar="TABLE.COLUMN=ID_COLUMN",
            help="with --pointers: the column with the id that goes with one that holds a content "
            "type",
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
        _refuse_misfits(options)
        if options["pointers"]:
            return _pointers(options)
        written = write_host_migration(
            options["source"],
            options["out"],
            answers=spelled_answers(options["value"], options["copy"], options["leave_out"]),
            top_up=options["top_up"],
            depends_on=options["depends_on"],
            reverse_check=options["reverse_check"],
            batches=options["batches"],
        )
        differs = _differs(written.rehearsal)
        return Outcome(written.as_dict(), _text(written), exit_code=int(differs))


def _refuse_misfits(options: dict[str, Any]) -> None:
    columns = options["value"] or options["copy"]
    if options["top_up"] and (columns or options["leave_out"]):
        raise OptionsDoNotFit(
            "--top-up takes the columns from the first migration: do without --value, --copy "
            "and --leave-out."
        )
    if options["pointers"] and (columns or options["top_up"] or options["batches"]):
        raise OptionsDoNotFit(
            "--pointers moves no rows: do without --value, --copy, --top-up and --batches."
        )
    if options["object_id"] and not options["pointers"]:
        raise OptionsDoNotFit("--object-id is for --pointers only.")


def _pointers(options: dict[str, Any]) -> Outcome:
    written = write_pointers(
        options["source"],
        options["out"],
        left_out=spelled_answers(left_out=options["leave_out"]).left_out,
        object_ids=spelled_answers(copies=options["object_id"]).copies,
        depends_on=options["depends_on"],
        reverse_check=options["reverse_check"],
    )
    names = written.pointers.names
    lines = [f"Written: {printable(str(written.module))}, and a page about it beside it."]
    for form, said in (
        ("foreign_keys", "foreign key"),
        ("generic", "rows that refer to a row of any model"),
        ("permissions", "permissions"),
        ("left", "goes on referring to legacy rows"),
    ):
        lines += [f"  {said}: {printable(name)}" for name in names[form]]
    if written.without_app:
        lines.append(
            f"No app is known for {', '.join(map(printable, written.without_app))}: if one makes "
            "the table, name its last migration by --depends-on."
        )
    return Outcome(
        written.as_dict(),
        "\n".join([*lines, _tried(written.rehearsal)]),
        exit_code=int(_differs(written.rehearsal)),
    )


def _differs(tried: Rehearsal | None) -> bool:
    return tried is not None and bool(tried.differences)


def _tried(tried: Rehearsal | None) -> str:
    """What was found on a copy."""
    if tried is None:
        return "Rehearse it on a copy of the host first, forward and backward."
    if tried.differences:
        return f"On the copy, there and back, these differ: {', '.join(tried.differences)}"
    return (
        f"On the copy, forward in {tried.forward_seconds:.1f} s and back in "
        f"{tried.back_seconds:.1f} s: every row, column and counter is as before."
    )


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
    return "\n".join([*lines, _tried(written.rehearsal)])
