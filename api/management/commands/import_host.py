"""`manage.py import_host`: record the rows of the host's tables."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from api.management.arguments import at_least
from api.management.base import Outcome, ServiceCommand, add_source, counted
from api.management.reasons import reason
from infrastructure.hosts.columns import Decisions, spelled_decisions
from infrastructure.hosts.errors import HandCopiedRows
from infrastructure.hosts.importing.declarations import ALL, Declared, read_pairs
from infrastructure.hosts.importing.report import ImportReport, columns_as_json
from infrastructure.hosts.tables import HOST_TABLES
from projections.services.host_import import import_host


class Command(ServiceCommand):
    help = (
        "Record the rows of the host's restore and backup tables, and update the projections. "
        "A repeated import records only what changed since."
    )
    changes_something = True

    def arguments(self, parser: CommandParser) -> None:
        add_source(parser)
        parser.add_argument(
            "--allow-deletions",
            type=at_least(0),
            metavar="N",
            help="accept that this many imported rows are gone from the host",
        )
        parser.add_argument(
            "--accept-fingerprint",
            metavar="FINGERPRINT",
            help="the host with this fingerprint is the one that was imported before",
        )
        parser.add_argument(
            "--rebuild-index",
            action="store_true",
            help="first rebuild the index of imported rows from the log",
        )

        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="LABEL.target=host_column",
            help="this host column fills that target, such as system_backups.BackupLog."
            "size_bytes=file_size; two with a comma between them: the first that is not null; -: "
            "none. Can be given several times; rows that read differently get an event each",
        )
        parser.add_argument(
            "--columns",
            type=Path,
            metavar="FILE",
            help="read such choices from a file, one per line; lines beginning with # are comments",
        )
        parser.add_argument(
            "--zone",
            metavar="NAME",
            help="correct the time zone in which the host's local times were imported; takes a "
            "--reason, and gives each row that reads differently an event",
        )
        parser.add_argument(
            "--reason",
            metavar="TEXT",
            help="why, for --zone, --column, --same-rows and --not-the-same; the log keeps it",
        )
        parser.add_argument(
            "--same-rows",
            metavar="FILE|all",
            help="these rows of the consolidated table were copied by hand from the legacy table, "
            "and are the same restores: all that the import names, or those in a file, each line "
            "with a legacy id and the copy's id; takes a --reason",
        )
        parser.add_argument(
            "--not-the-same",
            metavar="FILE|all",
            help="these rows only look like copies, and are restores of their own: all, or those "
            "in such a file; takes a --reason",
        )

    def run(self, options: dict[str, Any]) -> Outcome:
        try:
            return self._imported(options)
        except HandCopiedRows as error:
            pairs = [
                {"legacy_id": legacy, "consolidated_id": copy, "differing": list(differing)}
                for legacy, copy, differing in error.pairs
            ]
            result = {"code": error.code, "rows": len(pairs), "pairs": pairs}
            self.complain(reason(error))
            text = "\\n".join(f"{legacy} {copy}" for legacy, copy, _ in error.pairs)
            return Outcome(result, text, exit_code=2)

    def _imported(self, options: dict[str, Any]) -> Outcome:
        with self.progress("Importing") as tick:
            imported = import_host(
                options["source"],
                actor=options["actor"],
                zone=options["zone"] or settings.SOURCE_TIME_ZONE,
                correct_zone=options["zone"] is not None,
                decisions=_decisions(options),
                reason=options["reason"],
                allow_deletions=options["allow_deletions"],
                accept_fingerprint=options["accept_fingerprint"],
                dry_run=options["dry_run"],
                rebuild_index=options["rebuild_index"],
                same_rows=_declared(options["same_rows"]),
                not_the_same=_declared(options["not_the_same"]),
                progress=tick,
                projecting=tick.then("Projecting"),
            )
        self.complain_of(imported.behind)
        text = _text(imported.report, behind=bool(imported.behind), dry_run=options["dry_run"])
        return Outcome(imported.report.as_dict(), text)


def _declared(value: str | None) -> Declared | None:
    """The pairs of ids in a file, or `ALL`."""
    if value is None:
        return None
    if value == ALL:
        return ALL
    return read_pairs(Path(value).read_text(encoding="utf-8"))


def _decisions(options: dict[str, Any]) -> Decisions:
    """The choices of columns on the command line and in the file."""
    lines = []
    if options["columns"] is not None:
        text = options["columns"].read_text(encoding="utf-8")
        lines = [line.strip() for line in text.splitlines()]
    return spelled_decisions(
        [*(line for line in lines if line and not line.startswith("#")), *options["column"]]
    )


def _text(report: ImportReport, *, behind: bool, dry_run: bool) -> str:
    lines = [
        f"{label}: {counted(table.rows, 'row')}, {table.imported:,} imported, "
        f"{table.changed:,} changed, {table.deleted:,} deleted, {table.unchanged:,} unchanged"
        + (f", {table.reinterpreted:,} read in another way" if table.reinterpreted else "")
        + (f", {table.quarantined:,} that the table cannot hold" if table.quarantined else "")
        for label, table in report.tables.items()
    ]
    if not any(table.origin == "legacy" for table in HOST_TABLES if table.label in report.tables):
        lines.append(
            "The host's legacy tables are not imported any more: the migration is retired."
        )
    lines += [_moved_in_words(label, moved) for label, moved in (report.moved or {}).items()]
    lines += [_choice_in_words(choice) for choice in columns_as_json(report.choices)]
    lines += [
        f"{column}. A cut-over needs it settled: --column {column.label}.{column.target}="
        "host_column --reason TEXT"
        for column in report.unfit
    ]
    would = "would be recorded" if dry_run else "recorded"
    lines.append(
        f"{counted(report.events, 'event')} {would} in {report.seconds:.1f} s; "
        f"the log is at position {report.position:,}"
    )
    if behind:
        lines.append("The tables do not show all of it yet. See: manage.py projections")
    return "\n".join(lines)


WAIT_FOR_A_MOVE = {
    "missing": "of them are missing",
    "not_moved": "legacy rows are not moved yet",
    "waiting": "have changed since in the legacy table",
}
"""Counts of an import's report on moved rows, in words."""


def _moved_in_words(label: str, moved: dict[str, Any]) -> str:
    """How many rows were moved, and which legacy rows still wait for the host's next move."""
    said = [f"{label}: {counted(moved['rows'], 'row')} that the host's migration copied there"]
    for name, what in WAIT_FOR_A_MOVE.items():
        rows = moved.get(name, 0)
        if rows:
            first = ", ".join(map(str, moved[f"first_{name}"]))
            more = "…" if rows > len(moved[f"first_{name}"]) else ""
            said.append(f"{rows:,} {what} (legacy id {first}{more})")
    return "; ".join(said)


def _choice_in_words(choice: dict[str, Any]) -> str:
    columns = ", else ".join(choice["columns"]) or "no column"
    return f"{choice['table']}.{choice['target']} is filled by {columns} ({choice['how']})"
