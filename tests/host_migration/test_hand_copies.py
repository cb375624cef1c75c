"""Rows that somebody copied by hand to the consolidated table: no restore is counted twice."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from domain.consolidation.errors import ReasonMissing
from domain.consolidation.events import CopiesDeclared
from domain.restores.events import RestoreCopyChangedInHost, RestoreImported
from infrastructure.event_store.log import Log
from infrastructure.hosts import errors
from projections.history.lookup import meant, restore_id
from projections.services import host_import
from projections.verification.report import report_as_json
from projections.verification.verify import verify
from tests.infrastructure.hosts.tiny import CONSOLIDATED, LEGACY, TinyHost
from tests.support import moving, raw

OFFSET = 10**12
ROWS = 6
WHY = "copied by hand in March"


class Stage:
    """A host, which a service has imported; its legacy restores ran at different times."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.host = TinyHost(url)
        for key in range(1, ROWS + 1):
            self.host.add(LEGACY, key, **_ran(key))
            self.host.add(CONSOLIDATED, key, name="of its own", started_at=_at(key, 3))
        self.host.add(LEGACY, 20, name="never started")
        self.host.add(LEGACY, 21, name="never started")
        self.import_again()

    def import_again(self, **options: Any) -> Any:
        return host_import.import_host(self.url, actor="ops", **options).report

    def new_events(self, **options: Any) -> list[Any]:
        before = Log().head().position
        self.import_again(**options)
        return [event for chunk in Log().events(before, with_metadata=True) for event in chunk]

    def refused(self, **options: Any) -> errors.HandCopiedRows:
        """The error of an import that records nothing."""
        before = Log().head()
        with pytest.raises(errors.HandCopiedRows) as caught:
            self.import_again(**options)
        assert Log().head() == before
        return caught.value

    def equal(self) -> bool:
        found = report_as_json(verify(self.url, limit=None))
        return bool(found["equal"])

    def copy(self, shift: int, *, where: str = "1 = 1") -> None:
        """Copy legacy rows by hand, under ids that are `shift` more."""
        of, to = moving.columns(self.url, LEGACY), moving.columns(self.url, CONSOLIDATED)
        no = "0" if self.url.startswith("sqlite") else "false"
        filling = {
            **{name: name for name in to if name in of},
            "id": f"id + {shift}",
            "restore_type": "'database'",
            "trigger_type": "restore_method",
            "is_overwrite": no,
        }
        raw.execute(
            self.url,
            f"INSERT INTO {CONSOLIDATED} ({', '.join(filling)}) "
            f"SELECT {', '.join(filling.values())} FROM {LEGACY} WHERE {where}",
        )


def _at(key: int, hour: int) -> str:
    return f"2022-01-{key:02} {hour:02}:00:00.000123"


def _ran(key: int) -> dict[str, Any]:
    return {
        "name": f"restore {key}",
        "started_at": _at(key, 1),
        "completed_at": _at(key, 2),
        "duration_seconds": 3600,
        "created_at": _at(key, 0),
        "updated_at": _at(key, 2),
        "created_by_id": 7,
    }


@pytest.fixture
def stage(database: str, host_url: str) -> Stage:
    return Stage(host_url)


@pytest.mark.parametrize("shift", [100, OFFSET])
def test_copies_stop_the_import_and_are_the_same_once_somebody_says_so(shift, stage):
    stage.copy(shift)
    error = stage.refused()
    assert len(error.pairs) == ROWS + 2
    assert f"{ROWS + 2} new rows" in str(error)
    assert f"{shift + 1} of 1" in str(error)
    assert not stage.equal()
    (declared,) = stage.new_events(same_rows="all", reason=WHY)
    assert isinstance(declared, CopiesDeclared)
    assert (declared.same, declared.metadata.actor) == (True, "ops")
    assert declared.metadata.reason == WHY
    assert (1, shift + 1) in declared.pairs
    assert stage.import_again().events == 0
    assert stage.equal()


def test_a_declared_copy_is_followed_like_a_moved_row(stage):
    stage.copy(100)
    stage.import_again(same_rows="all", reason=WHY)
    raw.execute(stage.url, f"UPDATE {CONSOLIDATED} SET status = 'failed' WHERE id = 103")
    (event,) = stage.new_events()
    assert isinstance(event, RestoreCopyChangedInHost)
    assert event.legacy_id == 3
    assert stage.equal()
    assert str(restore_id("103")) == str(event.originator_id)


def test_some_copies_and_one_with_another_value_are_named_too(stage):
    stage.copy(100, where="id IN (2, 3)")
    raw.execute(stage.url, f"UPDATE {CONSOLIDATED} SET message = 'edited' WHERE id = 103")
    assert stage.refused().pairs == [(2, 102, ()), (3, 103, ("message",))]
    events = stage.new_events(same_rows="all", reason=WHY)
    assert [type(event) for event in events] == [CopiesDeclared, RestoreCopyChangedInHost]
    assert stage.equal()


def test_copies_that_django_stamped_anew_are_named_too(stage):
    stage.copy(100, where="id = 2")
    raw.execute(
        stage.url,
        f"UPDATE {CONSOLIDATED} SET created_at = '2024-05-05 05:05:05', "
        "updated_at = '2024-05-05 05:05:05' WHERE id = 102",
    )
    assert stage.refused().pairs == [(2, 102, ("created_at", "updated_at"))]


def test_rows_that_are_not_the_same_are_imported(stage):
    stage.copy(100, where="id = 2")
    events = stage.new_events(not_the_same="all", reason="two runs at once")
    assert [type(event) for event in events] == [CopiesDeclared, RestoreImported]
    assert not events[0].same
    assert stage.import_again().events == 0
    assert stage.equal()


def test_each_row_may_be_declared_by_itself(stage):
    stage.copy(100, where="id IN (2, 3)")
    assert [copy for _, copy, _ in stage.refused(same_rows=frozenset({(2, 102)})).pairs] == [103]
    events = stage.new_events(
        same_rows=frozenset({(2, 102)}), not_the_same=frozenset({(3, 103)}), reason=WHY
    )
    assert [type(one) for one in events] == [CopiesDeclared, CopiesDeclared, RestoreImported]


def test_a_declaration_needs_a_reason_and_rows_that_are_in_question(stage):
    stage.copy(100, where="id = 2")
    with pytest.raises(ReasonMissing):
        stage.import_again(same_rows="all")
    with pytest.raises(errors.RowsNotDeclarable, match="row 3"):
        stage.import_again(same_rows=frozenset({(3, 102)}), reason=WHY)


def test_two_tables_that_log_the_same_restore_by_themselves_stop_nothing(stage):
    stage.host.add(CONSOLIDATED, 50, name="never started")
    stage.host.add(CONSOLIDATED, 51, **{**_ran(2), "created_at": _at(2, 5), "message": "own"})
    stage.host.add(LEGACY, 60, **_ran(9))
    stage.host.add(CONSOLIDATED, 60, **_ran(9))
    assert len(stage.new_events()) == 4


def test_the_command_names_the_pairs_and_takes_them_back(stage, tmp_path, capsys):
    stage.copy(100, where="id IN (2, 3)")
    with pytest.raises(SystemExit) as ended:
        call_command("import_host", "--json", "--source", stage.url)
    assert ended.value.code == 2
    told = json.loads(capsys.readouterr().out)
    assert told["rows"] == 2
    assert told["pairs"][0] == {"legacy_id": 2, "consolidated_id": 102, "differing": []}
    pairs = tmp_path / "pairs"
    pairs.write_text("".join(f"{p['legacy_id']} {p['consolidated_id']}\n" for p in told["pairs"]))
    out = StringIO()
    call_command(
        "import_host", "--json", "--source", stage.url, "--same-rows", str(pairs),
        "--reason", WHY, stdout=out,
    )  # fmt: skip
    assert stage.import_again().events == 0


def test_a_copys_id_may_be_the_legacy_id_of_another_restore(stage):
    stage.copy(18, where="id = 2")
    stage.import_again(same_rows="all", reason=WHY)
    assert [one.label for one in meant("20")] == [
        "system_backups.RestoreLog",
        "database_management.RestoreLog",
    ]
