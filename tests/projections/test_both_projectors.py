"""What both restore tables show alike."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.restores import events as restores
from projections.database_management import projector as legacy
from projections.system_backups import projector as consolidated
from tests.projections.histories import NOON, folded

BOTH = (legacy.project, consolidated.project)


@pytest.mark.parametrize("project", BOTH)
def test_a_start_takes_the_place_of_one_that_did_not_fit(project: Any):
    amended = (restores.RestoreAmended, {"changes": {"started_at": "soon", "name": 5}})
    row = folded(project, restores.RestoreRequested, amended, restores.RestoreStarted)
    assert row.started_at == NOON + timedelta(minutes=1)
    assert row.unfit == {"name": "not text: 5"}


@pytest.mark.parametrize("project", BOTH)
def test_an_amendment_leaves_the_hosts_updated_at_and_moves_our_own(project: Any):
    imported = folded(project, restores.RestoreImported, restores.RestoreAmended)
    recorded = folded(project, restores.RestoreRequested, restores.RestoreAmended)
    assert imported.updated_at == datetime(2021, 3, 28, 1, 0, tzinfo=UTC)
    assert recorded.updated_at == NOON + timedelta(days=1)
