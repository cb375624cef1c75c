"""What errors call things, away from the terminal."""

import pytest

from api.problems import as_problem
from api.wording import ON_PAGES, reworded
from domain.consolidation.errors import AnotherHost, QuarantineNotAccepted, ReasonMissing
from domain.errors import RestoreLogError
from infrastructure.hosts.errors import TooManyVanished

REASON = ReasonMissing("Ending the migration")
QUARANTINE = QuarantineNotAccepted(3, None)


@pytest.mark.parametrize(
    ("error", "end"),
    [
        (REASON, "which the log keeps: reason in the body"),
        (QUARANTINE, "by number and reason: accept_quarantined (3) and reason in the body"),
        (TooManyVanished({"t": (2, 3)}, 2), "run: manage.py import_host --allow-deletions 2."),
        (AnotherHost("a", "b"), "run: manage.py import_host --accept-fingerprint b."),
    ],
)
def test_over_rest_options_are_members_and_other_commands_whole(error: RestoreLogError, end: str):
    problem = as_problem(error)
    assert problem is not None
    assert problem["detail"].endswith(end)


@pytest.mark.parametrize(
    ("error", "end"),
    [(REASON, "which the log keeps: below"), (QUARANTINE, "and reason: 3 below, and why")],
)
def test_on_pages_options_are_fields(error: RestoreLogError, end: str):
    assert reworded(str(error), ON_PAGES).endswith(end)
