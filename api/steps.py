"""The steps of the consolidation over HTTP, and a description of each.

Over REST and on pages the host is always the one in the service's own SOURCE_DATABASE_URL; at the
terminal it can be named.
"""

from django.conf import settings

from projections.consolidation import steps
from projections.consolidation.step_request import StepRequest
from projections.consolidation.step_run import Keep, Step

CUT_OVER = (
    "import the host as it is now, verify every row, save all four tables to a file, and add the "
    "legacy rows to the consolidated tables in this service's database. The host's tables are not "
    "changed. A roll-back takes it back at any time."
)
ROLL_BACK = (
    "take the legacy rows out of the consolidated tables again. The legacy table goes on showing "
    "every restore of a database. What it cannot represent stays in the log and is listed."
)
RETIRE = (
    "end the migration permanently, with a last import, a last verification and a last "
    "certificate. Afterwards the host's legacy tables are no longer imported, and the cut-over "
    "cannot be taken back. Do not drop the host's legacy tables unless the certificate says that "
    "its own consolidated table holds every legacy restore. If no migration of the host moved "
    "them, its own consolidated table does not hold their rows, only this service's does."
)


def announced(step: str) -> str:
    """A sentence that announces a step."""
    return f"This will {step}"


def only_said(step: str) -> str:
    """The sentence of a dry run about a step."""
    return f"Dry run. Would {step}"


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
