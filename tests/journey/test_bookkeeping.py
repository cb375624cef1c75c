"""What the consolidated tables have to hold is said by the log, not by the engine's own tables."""

from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.db import connections

from projections.engine.models import Generation, GenerationState, WithheldRow
from tests.journey import looking
from tests.journey.stage import Stage
from tests.projections.engine.tables import contents
from tests.support import here

CONSOLIDATED = ("system_backups.RestoreLog", "system_backups.BackupLog")


def nothing_is_known(stage: Stage) -> None:
    """As in a database that only the events were copied into."""
    WithheldRow.objects.all().delete()
    Generation.objects.all().delete()


def made_anew(stage: Stage) -> None:
    call_command("migrate", "engine", "zero", verbosity=0)
    call_command("migrate", verbosity=0)


def another_scope_is_said(stage: Stage) -> None:
    Generation.objects.filter(label__in=CONSOLIDATED, state=GenerationState.LIVE).update(
        scope="native"
    )


@pytest.mark.parametrize("lose", [nothing_is_known, made_anew, another_scope_is_said])
def test_a_rebuild_makes_what_the_log_says(small: Stage, lose: Callable[[Stage], None]):
    looking.cut_over(small)
    before = contents(small.service)
    lose(small)
    here.run("rebuild")
    assert contents(small.service) == before
    assert here.run("verify", "--json", source=small.host).json["equal"]


def test_tables_of_another_scope_than_the_log_says_are_never_equal(small: Stage):
    looking.cut_over(small)
    another_scope_is_said(small)
    for table in ("restorelog", "backuplog"):
        with connections["default"].cursor() as cursor:
            cursor.execute(f"DELETE FROM system_backups_{table} WHERE origin = 'legacy'")

    found = here.run("verify", "--json", source=small.host, check=False)
    assert found.code == 1
    assert not found.json["equal"]
    problems = {one["label"]: one["problem"] for one in found.json["projections"]}
    for label in CONSOLIDATED:
        assert problems[label] == (
            f"According to the log, {label} must have the legacy rows and does not."
            f" To rebuild it: manage.py rebuild {label}"
        )
    ended = here.run("retire", "--yes", "--reason", "r", source=small.host, check=False)
    assert ended.code == 2
    assert "must have the legacy rows and does not" in ended.err
    assert looking.state() == "cut_over"

    here.run("rebuild")
    assert here.run("verify", source=small.host).code == 0
    small.assert_tables("all")


def test_after_a_roll_back_too(small: Stage):
    looking.cut_over(small)
    looking.roll_back(small)
    before = contents(small.service)
    Generation.objects.filter(label__in=CONSOLIDATED, state=GenerationState.LIVE).update(
        scope="all"
    )
    found = here.run("verify", "--json", source=small.host, check=False)
    assert found.code == 1
    assert any(
        "has the legacy rows and must not" in one["problem"] for one in found.json["projections"]
    )
    here.run("rebuild")
    assert contents(small.service) == before
