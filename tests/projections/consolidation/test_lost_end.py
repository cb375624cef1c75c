"""After events were lost: what stops, what goes on, and the way back to equal."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections
from django.test import override_settings

from infrastructure.event_store.errors import LogLostEvents
from infrastructure.event_store.log import Log
from projections.consolidation.step_request import StepRequest
from projections.consolidation.steps import roll_back
from projections.engine.state import projections_state
from tests.acceptance.ready import ready
from tests.support import here, raw
from tests.support.shortening import shorten


@pytest.fixture(scope="session")
def sample(templates: dict[str, str]) -> Path:
    return ready(templates).host


@pytest.fixture
def host(database: str, sample: Path, tmp_path: Path) -> Iterator[str]:
    """A host that was imported; the head file remembers it all."""
    shutil.copyfile(sample, tmp_path / "host.sqlite3")
    url = f"sqlite:///{tmp_path}/host.sqlite3"
    with override_settings(
        HEAD_FILE=str(tmp_path / "head.json"),
        BASE_DIR=tmp_path,
        SIGNING_KEY_FILE=str(tmp_path / "key.pem"),
    ):
        here.run("import_host", source=url)
        yield url


def states() -> set[str]:
    return {str(one["state"]) for one in projections_state()}


def test_a_shortened_log_is_used_again_only_when_that_was_accepted(host: str, database: str):
    end = Log().head().position
    shorten(database, end - 20)
    assert states() == {"not_in_log"}
    assert here.run("import_host", source=host, check=False).code == 2
    here.run("accept_log", "--reason", "the only backup there is")
    lost = raw.value(database, "SELECT state FROM event_store_event ORDER BY position DESC LIMIT 1")
    for named in (b"head_file", b"import_index", b"system_backups.RestoreLog"):
        assert named in bytes(lost)

    assert here.run("import_host", "--json", source=host).json["events"] == 20
    assert states() == {"not_in_log"}
    here.run("rebuild")
    assert states() == {"live"}
    assert here.run("verify", source=host).code == 0
    assert here.run("verify_log").code == 0


def test_without_a_head_file_the_checkpoints_tell_of_it(host: str, database: str):
    end = Log().head().position
    shorten(database, end - 5)
    with override_settings(HEAD_FILE=""):
        done = here.run("import_host", source=host, check=False)
        assert done.code == 2
        assert f"ends at position {end - 5}, and" in done.err
        assert f"was built up to position {end}" in done.err
        assert Log().head().position == end - 5
        found = here.run("verify_log", "--json", check=False).json["findings"]
        assert {one["code"] for one in found} == {"checkpoint_not_in_log"}


def test_a_cut_over_that_was_lost_cannot_be_made_twice_unnoticed(
    host: str, database: str, tmp_path: Path
):
    here.run("signing_key", "--create")
    before = Log().head().position
    here.run("cut_over", "--yes", source=host)
    assert here.run("consolidation", "--json").json["state"] == "cut_over"
    shorten(database, before)
    again = here.run("cut_over", "--yes", source=host, check=False)
    assert (again.code, f"position {before}" in again.err) == (2, True)
    verified = here.run(
        "verify", "--certificate", str(tmp_path / "c.json"), source=host, check=False
    )
    assert (verified.code, (tmp_path / "c.json").exists()) == (2, False)

    here.run("accept_log", "--reason", "the replica never got it")
    here.run("rebuild")
    here.run("import_host", source=host)
    assert here.run("verify", source=host).code == 0
    here.run("cut_over", "--yes", source=host)
    here.run("roll_back", "--yes")
    assert here.run("verify", source=host).code == 0


def test_a_roll_back_builds_anew_what_the_previous_tables_cannot_show(host: str, database: str):
    here.run("signing_key", "--create")
    here.run("cut_over", "--yes", source=host)
    frozen = "UPDATE engine_generation SET position = position + 900 WHERE state = 'frozen'"
    raw.execute(database, frozen)
    connections.close_all()
    step = roll_back(StepRequest("ada"))
    assert step.state == "rolled_back"
    assert here.run("verify", source=host).code == 0


def test_a_step_is_remembered_at_once(host: str, database: str):
    here.run("signing_key", "--create")
    here.run("cut_over", "--yes", source=host)
    roll_back(StepRequest("ada", "a test"))
    end = Log().head().position
    shorten(database, end - 1)
    with pytest.raises(LogLostEvents, match=f"position {end}"):
        roll_back(StepRequest("ada"))
