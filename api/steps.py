"""The steps of the consolidation as they are taken over HTTP, and what each of them does.

Over REST and on pages the host is the one in the service's own SOURCE_DATABASE_URL, whatever a
request says; at the terminal it can be named.
"""

from django.conf import settings

from projections.consolidation import steps
from projections.consolidation.step_request import StepRequest
from projections.consolidation.step_run import Keep, Step

CUT_OVER = (
    "This imports the host at its present moment, verifies every row, saves all four tables to a "
    "file, and then has the consolidated tables of this service hold the legacy rows too. The host "
    "is only read, and its own tables do not change; a roll-back takes it back at any time."
)
ROLL_BACK = (
    "This takes the legacy rows out of the consolidated tables again. The legacy table goes on "
    "showing every restore of a database; what it cannot say stays in the log and is listed."
)
RETIRE = (
    "This ends the migration, for good: a last import, a last verification, a last certificate. "
    "Afterwards the host's legacy tables are not imported any more, and the cut-over cannot be "
    "taken back. Do not drop the host's legacy tables: its own consolidated table does not hold "
    "their rows, only this service's does."
)


def cut_over(asked: StepRequest, keep: Keep | None = None) -> Step:
    return steps.cut_over(
        settings.SOURCE_DATABASE_URL, asked, zone=settings.SOURCE_TIME_ZONE, keep=keep
    )


def roll_back(asked: StepRequest, keep: Keep | None = None) -> Step:
    return steps.roll_back(asked, keep=keep)


def retire(asked: StepRequest, keep: Keep | None = None) -> Step:
    return steps.retire(
        settings.SOURCE_DATABASE_URL, asked, zone=settings.SOURCE_TIME_ZONE, keep=keep
    )
