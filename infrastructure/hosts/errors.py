"""Errors of an import. Each message is one line that says what to do and what was recorded."""

from domain.messages import remedy
from infrastructure.hosts.connecting.errors import (
    BadSourceUrl,
    HostError,
    HostUnreachable,
    LimitNotLifted,
    NoSource,
    RowsHidden,
    RowsMissing,
)

__all__ = [
    "BadSourceUrl", "DiskFull", "HostError", "HostUnreachable", "ImportElsewhere",
    "IndexOutOfStep", "KeyNotInteger", "KeyTooLarge", "LegacyTablesGone", "LimitNotLifted",
    "MissingColumns", "MovedRowsConflict", "MovedRowsUnclear",
    "NoSource", "NotAHost", "NothingToIdentify", "RowsHidden", "RowsMissing",
    "SourceIsTheService", "TooManyVanished", "UnknownTimeZone",
]  # fmt: skip


class NotAHost(HostError):
    code = "not_a_host"

    def __init__(self, where: str, missing: list[str]) -> None:
        super().__init__(
            f"{where} lacks the table{'s' * (len(missing) > 1)} {', '.join(missing)}, so it is "
            "not a host, or a damaged one. Nothing was recorded. Check the source URL."
        )


class MissingColumns(HostError):
    code = "missing_columns"

    def __init__(self, columns: list[str]) -> None:
        super().__init__(
            f"The host lacks {', '.join(columns)}: without "
            f"{'it' if len(columns) == 1 else 'them'} its rows cannot be understood. "
            "Nothing was recorded. Bring the host's migrations up to date; or, if another column "
            "holds it, name that one: ",
            remedy("import", column="LABEL.target=host_column"),
        )


class BadColumnChoice(HostError):
    code = "column_choice"

    def __init__(self, choice: str, why: str) -> None:
        super().__init__(remedy(column=choice), f": {why}. Nothing was recorded.")


class ReasonForColumnMissing(HostError):
    code = "reason_missing"

    def __init__(self, choice: str, declared: str, holds: str) -> None:
        super().__init__(
            remedy(column=choice),
            f": the host's column is {declared}, and the target holds {holds}. Nothing was "
            "recorded. To choose this all the same, say why: ",
            remedy(reason="TEXT"),
        )


class ColumnsUnsettled(HostError):
    code = "columns_unsettled"

    def __init__(self, what: list[str]) -> None:
        super().__init__(
            f"{'; '.join(what)}. Nothing was recorded. Say which: ",
            remedy("import", column="LABEL.target=host_column"),
            "; two with a comma between them: the first that is not null; - for none.",
        )


class SourceIsTheService(HostError):
    code = "source_is_the_service"

    def __init__(self) -> None:
        super().__init__(
            "The source and DATABASE_URL are the same database, possibly under different URLs. "
            "Nothing was recorded. Give the service a database of its own."
        )


class NothingToIdentify(HostError):
    code = "nothing_to_identify"

    def __init__(self) -> None:
        super().__init__(
            "The host has neither applied migrations nor any row, so it could not be identified "
            "later. Nothing was recorded. Check the source URL."
        )


class KeyNotInteger(HostError):
    code = "key_not_integer"

    def __init__(self, table: str, key: object) -> None:
        super().__init__(
            f"{table} has a row whose id is {key!r}: ids must be whole numbers of at most 64 "
            "bits, each once. Nothing more was recorded. Repair the row in the host."
        )


class KeyColumnNotInteger(HostError):
    code = "key_column_not_integer"

    def __init__(self, table: str, declared: str) -> None:
        super().__init__(
            f"{table}.id is of type {declared}: ids must be whole numbers of at most 64 bits, each "
            "once. Nothing was recorded. This service cannot import such a table."
        )


class KeyTooLarge(HostError):
    code = "key_too_large"

    def __init__(self, table: str, key: int, offset: int) -> None:
        super().__init__(
            f"{table} has id {key}. Ids from {offset} on are given by this service. Nothing was "
            "recorded. Renumber the row in the host."
        )


class TooManyVanished(HostError):
    code = "too_many_vanished"

    def __init__(self, vanished: dict[str, tuple[int, int]], total: int) -> None:
        tables = ", ".join(f"{gone} of {known} in {t}" for t, (gone, known) in vanished.items())
        super().__init__(
            f"Rows that were imported are gone from the host: {tables}. Nothing was recorded. "
            "If they were deleted on purpose: ",
            remedy("import", allow_deletions=total),
        )


class MovedRowsUnclear(HostError):
    """The host's own record of the rows that its migration moved cannot be understood."""

    code = "moved_rows_unclear"

    def __init__(self, table: str, why: str) -> None:
        super().__init__(
            f"The host's table {table} says which legacy rows its migration moved, and {why}. "
            "Nothing was recorded. Correct it in the host, or run the host's migration again."
        )


class MovedRowsConflict(HostError):
    """A legacy row and its copy in the consolidated table were both changed, differently."""

    code = "moved_rows_conflict"

    def __init__(self, table: str, rows: int, first: list[tuple[int, int]]) -> None:
        named = ", ".join(f"{legacy} (copy {copy})" for legacy, copy in first)
        more = ", …" if rows > len(first) else ""
        super().__init__(
            f"{rows:,} of the rows of {table} that the host's migration moved were changed since, "
            f"and so were their copies, in other ways: id {named}{more}. Nothing was recorded. "
            "Make both rows say the same in the host, then import again: ",
            remedy("import"),
        )
        self.rows, self.first = rows, first


class HandCopiedRows(HostError):
    """New rows of the consolidated table say what legacy rows of the log say."""

    code = "hand_copied_rows"

    def __init__(self, table: str, pairs: list[tuple[int, int, tuple[str, ...]]]) -> None:
        near = sum(bool(differing) for *_, differing in pairs)
        first = ", ".join(f"{copy} of {legacy}" for legacy, copy, _ in pairs[:10])
        more = ", …" if len(pairs) > 10 else ""
        changed = f", {near:,} of them with other values in places" if near else ""
        super().__init__(
            f"{len(pairs):,} new rows of {table} look like copies of legacy rows that the log "
            f"has{changed}: id {first}{more}. Nothing was recorded, so that no restore counts "
            "twice. If they are the same restores: ",
            remedy("import", same_rows="all", reason="TEXT"),
            "; if they are others: ",
            remedy("import", not_the_same="all", reason="TEXT"),
        )
        self.pairs = pairs


class RowsNotDeclarable(HostError):
    """The rows that somebody declared to be the same, or not, are not in question."""

    code = "rows_not_declarable"

    def __init__(self, why: str) -> None:
        super().__init__(f"{why}. Nothing was recorded.")


class LegacyTablesGone(HostError):
    """The host's legacy tables are gone, and the migration was not retired before."""

    code = "legacy_tables_gone"

    def __init__(self, where: str, missing: list[str]) -> None:
        super().__init__(
            f"{where} lacks the legacy table{'s' * (len(missing) > 1)} {', '.join(missing)}, and "
            "the migration is not retired. Nothing was recorded. Restore the legacy tables from a "
            "backup of the host; then end the migration, after which they may be dropped: ",
            remedy("retire", reason="TEXT"),
        )


class UnknownTimeZone(HostError):
    code = "unknown_time_zone"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"SOURCE_TIME_ZONE is {name!r}, which is not a time zone. Use a name such as "
            "Europe/Berlin, or UTC."
        )


class ImportElsewhere(HostError):
    code = "import_elsewhere"

    def __init__(self) -> None:
        super().__init__(
            "Another import into this log is running and did not finish in time. Committed rows "
            "are kept. Run it again when the other one has ended."
        )


class IndexOutOfStep(HostError):
    code = "index_out_of_step"

    def __init__(self, how: str) -> None:
        super().__init__(
            f"The index of imported rows does not fit the log: {how}. Nothing more was recorded. "
            "To rebuild it: ",
            remedy("import", rebuild_index=True),
        )


class DiskFull(HostError):
    code = "disk_full"

    def __init__(self) -> None:
        super().__init__(
            "The disk of the service's database is full. The log is intact; committed rows are "
            "kept. Free some space, then import again, which continues where it stopped: ",
            remedy("import"),
        )
