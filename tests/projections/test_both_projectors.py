"""What both restore tables show alike."""

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from msgspec import to_builtins

from domain.backups import events as backups
from domain.catalogue import CATALOGUE
from domain.events import Event
from domain.restores import events as restores
from projections.database_management import backup_projector as legacy_backups
from projections.database_management import projector as legacy
from projections.system_backups import backup_projector as consolidated_backups
from projections.system_backups import projector as consolidated
from tests.projections.histories import NOON, event, folded

BOTH = (legacy.project, consolidated.project)
BACKUPS = (legacy_backups.project, consolidated_backups.project)


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


def test_the_last_check_of_its_data_and_when_that_was_stand_in_the_consolidated_row_alone():
    life = (restores.RestoreRequested, restores.RestoreStarted, restores.RestoreCompleted)
    failed = (restores.RestoreValidated, {"result": "failed"})
    assert folded(consolidated.project, *life).validation is None
    row = folded(consolidated.project, *life, restores.RestoreValidated, failed)
    assert (row.validation, row.updated_at) == ("failed", NOON + timedelta(minutes=6))
    old = folded(legacy.project, *life, restores.RestoreValidated, failed)
    assert not hasattr(old, "validation")
    assert old.updated_at == NOON + timedelta(minutes=6)


class Paused(restores.RestoreEvent, frozen=True, kw_only=True):
    """An event that no projector knows."""

    TOPIC: ClassVar[str] = "restore.Paused"


class Moved(backups.BackupEvent, frozen=True, kw_only=True):
    """An event that no projector knows."""

    TOPIC: ClassVar[str] = "backup.Moved"


def of(kind: type[Event]) -> list[type[Event]]:
    return [event for event in CATALOGUE.by_topic.values() if issubclass(event, kind)]


@pytest.mark.parametrize("project", BOTH)
@pytest.mark.parametrize("first", [restores.RestoreImported, restores.RestoreRequested])
@pytest.mark.parametrize("then", [*of(restores.RestoreEvent), Paused])
def test_every_event_of_a_restore_moves_its_version(project: Any, first: Any, then: Any):
    assert folded(project, first).version == 1
    assert folded(project, first, then).version == 2


@pytest.mark.parametrize("project", BACKUPS)
@pytest.mark.parametrize("first", [backups.BackupImported, backups.BackupRegistered])
@pytest.mark.parametrize("then", [*of(backups.BackupEvent), Moved])
def test_every_event_of_a_backup_moves_its_version(project: Any, first: Any, then: Any):
    assert folded(project, first).version == 1
    assert folded(project, first, then).version == 2


@pytest.mark.parametrize("project", BACKUPS)
def test_a_vanished_backup_stays_so_until_it_is_read_again(project: Any):
    gone = (backups.BackupImported, backups.BackupVanishedFromHost, Moved)
    assert folded(project, *gone).present is False
    assert folded(project, *gone, backups.BackupReturnedToHost).present is True


@pytest.mark.parametrize("project", [*BOTH, *BACKUPS])
def test_a_row_is_stored_with_the_name_that_older_tables_have_for_being_present(project: Any):
    imported = backups.BackupImported if project in BACKUPS else restores.RestoreImported
    assert to_builtins(folded(project, imported))["standing"] is True


@pytest.mark.parametrize("project", [*BOTH, *BACKUPS])
def test_an_unknown_event_makes_no_row(project: Any):
    assert project(None, event(Paused)) is None
