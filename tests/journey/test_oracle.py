"""The independent computation agrees with the tables, in both scopes, and sees what does not."""

import pytest

from tests.journey import oracle, trail
from tests.journey.stage import Stage
from tests.support import raw

REBUILD = "from projections.engine.rebuild import rebuild; rebuild(scope='{}')"


def rebuilt(stage: Stage, scope: str) -> None:
    """The tables in this scope, by a replay in a process of its own."""
    stage.manage("shell", "-c", REBUILD.format(scope))


def test_import_writes_and_rebuilds_give_what_the_host_and_the_writes_say(stage: Stage):
    stage.assert_tables("native")
    stage.record(60, seed=1)
    stage.assert_tables("native")
    with stage.host_writing(seed=1):
        stage.manage("import_host")
    stage.manage("import_host")
    stage.assert_tables("native")
    rebuilt(stage, "all")
    stage.assert_tables("all")
    stage.record(40, seed=2)
    with stage.host_writing(seed=2):
        stage.manage("import_host")
    stage.manage("import_host")
    stage.assert_tables("all")
    rebuilt(stage, "native")
    host = stage.assert_tables("native")
    log = oracle.read_log(stage.service)
    assert len(oracle.unrepresentable(host, stage.said, log)) > 10
    for what, fact in (("progress", "percent"), ("complete", "warnings"), ("validate", "check")):
        forged = [{**one, fact: "x"} for one in stage.said if one["what"] == what]
        with pytest.raises(AssertionError, match=fact):
            trail.assert_trail(stage.service, forged)


@pytest.mark.parametrize("vendor", ["sqlite"])
@pytest.mark.parametrize("label", oracle.TABLES)
def test_a_changed_cell_a_missing_row_and_one_too_many_are_named(small: Stage, label: str):
    table = oracle.TABLES[label]
    host = oracle.read_host(small.host)
    must = oracle.expected(host, [], oracle.read_log(small.service), "native")
    (first,), (second,) = raw.rows(small.service, f"SELECT id FROM {table} ORDER BY id LIMIT 2")
    raw.execute(small.service, f"UPDATE {table} SET status = 'forged' WHERE id = {first}")
    raw.execute(small.service, f"UPDATE {table} SET id = 77000001 WHERE id = {second}")
    wrong = oracle.differences(must, oracle.found(small.service))
    assert [line.split(":")[0] for line in wrong] == [
        f"{label} {second} is missing",
        f"{label} 77000001 is too much",
        f"{label} {first} status",
    ]
