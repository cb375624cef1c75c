"""Errors of writing a migration for the host. Nothing was written when one is raised."""

from collections.abc import Sequence
from pathlib import Path

from domain.consolidation.errors import AS_SAID
from domain.consolidation.values import ConsolidationState
from domain.errors import RestoreLogError
from domain.messages import Message, remedy


class HostMigrationError(RestoreLogError):
    """No migration could be written."""

    code = "host_migration"


class NotCutOver(HostMigrationError):
    code = "not_cut_over"

    def __init__(self, state: ConsolidationState) -> None:
        super().__init__(
            f"A migration for the host is written after a cut-over: {AS_SAID[state]} (state "
            f"{state}). Nothing was written. First: ",
            remedy("cut_over"),
        )


class BadAnswer(HostMigrationError):
    code = "bad_answer"

    def __init__(self, answer: str, why: str) -> None:
        super().__init__(f"{answer!r}: {why}. Nothing was written.")


class AnswersNeeded(HostMigrationError):
    """`needed` are NOT NULL columns without a source, `left` columns that only the source has."""

    code = "answers_needed"

    def __init__(self, needed: Sequence[str], left: Sequence[str]) -> None:
        parts: list[Message] = []
        if needed:
            parts.append(
                Message(
                    f"No legacy column fills {', '.join(needed)}, which may not be NULL. Name "
                    "a value for each (",
                    remedy(value=f"{needed[0]}=VALUE"),
                    ") or a legacy column (",
                    remedy(copy=f"{needed[0]}=COLUMN"),
                    "). ",
                )
            )
        if left:
            parts.append(
                Message(
                    f"The consolidated tables have no column for {', '.join(left)}. Confirm each "
                    "that is to stay behind: ",
                    remedy(leave_out=left[0]),
                    ". ",
                )
            )
        super().__init__(*parts, "Nothing was written.")


class NoDjangoMigrations(HostMigrationError):
    code = "no_django_migrations"

    def __init__(self, app: str) -> None:
        super().__init__(
            f"The host has no applied migration of {app}, so it is not known on which migration "
            "the new one depends. Nothing was written. Name it: ",
            remedy(depends_on="APP.MIGRATION"),
        )


class NothingMovedYet(HostMigrationError):
    code = "nothing_moved_yet"

    def __init__(self) -> None:
        super().__init__(
            "The host has no record of moved rows, so there is nothing to top up. Nothing was "
            "written. First apply a migration of: ",
            remedy("host_migration", out="DIR"),
        )


class MovedAlready(HostMigrationError):
    code = "moved_already"

    def __init__(self) -> None:
        super().__init__(
            "The host has a record of moved rows: a first migration was applied. Nothing was "
            "written. For the legacy rows written since: ",
            remedy("host_migration", out="DIR", top_up=True),
        )


class NoEarlierMigration(HostMigrationError):
    code = "no_earlier_migration"

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"{folder} has no earlier migration of this service, whose columns the next one has "
            "to move too. Nothing was written. Name the folder with the host's migrations: ",
            remedy(out="DIR"),
        )


class CopyUnusable(HostMigrationError):
    code = "copy_unusable"

    def __init__(self, why: str) -> None:
        super().__init__(
            f"The migration was written, but not tried: a copy of the host is needed, and {why}. "
            "Restore a backup of the host into a database of its own, and name that: ",
            remedy(reverse_check="URL"),
        )


class RehearsalFailed(HostMigrationError):
    code = "rehearsal_failed"

    def __init__(self, back: bool, said: str) -> None:
        way = "back" if back else "forward"
        super().__init__(f"The migration was written. On the copy, the way {way} failed: {said}")
