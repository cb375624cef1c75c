"""In batches on MariaDB, where each change of a table, and of a counter, commits by itself."""

from pathlib import Path

import pytest

from tests.host_migration.batches import forward, killed_again_and_again, killed_halfway, written
from tests.host_migration.conftest import make_stage
from tests.host_migration.stage import CONSOLIDATED, LEGACY, Stage
from tests.host_migration.test_batches import Writer, ids
from tests.host_migration.test_forward import due, plain
from tests.host_migration.test_mariadb import rows_of
from tests.host_migration.test_top_up import assert_copied
from tests.support import mariadb

pytestmark = pytest.mark.system


@pytest.fixture(params=["plan", "origin"])
def stage(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> Stage:
    return make_stage(database, mariadb.fresh_database(), str(request.param), tmp_path, rows=60)


def test_forward_and_back(stage: Stage):
    before = rows_of(stage)
    told = stage.write("--batches=17").json
    stage.product.migrate()
    stage.product.patch_model(indexed=told["adds_index"])
    assert {key: plain(row) for key, row in stage.product.restores().items()} == due(stage)
    stage.product.back()
    assert rows_of(stage) == before


def test_killed_again_and_again_and_a_further_one(stage: Stage):
    before = rows_of(stage)
    name = written(stage, 19)
    assert killed_again_and_again(stage, name)["exit"] == 0
    assert_copied(stage)
    stage.old_code_writes(1)
    then = rows_of(stage)
    assert killed_again_and_again(stage, written(stage, 19, "--top-up"))["exit"] == 0
    assert_copied(stage)
    assert killed_again_and_again(stage, name)["exit"] == 0
    assert rows_of(stage) == then
    assert killed_again_and_again(stage, stage.product.last)["exit"] == 0
    assert rows_of(stage).keys() == before.keys()


def test_what_is_written_meanwhile_is_carried_over(stage: Stage):
    name = written(stage, 19)
    killed_halfway(stage, name)
    stage.old_code_writes(stage.first % 5)
    stage.product.migrate()
    assert_copied(stage)


def test_while_both_tables_are_written_to(stage: Stage):
    there, own = ids(stage, LEGACY), ids(stage, CONSOLIDATED)
    with Writer(stage) as writer:
        forward(stage, 11)
    assert not writer.failed
    assert there <= stage.moved().keys()
    assert len(ids(stage, CONSOLIDATED) - own - set(stage.moved().values())) == writer.inserted
    forward(stage, 11, "--top-up")
    assert_copied(stage)
