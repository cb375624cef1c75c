"""Ids that two restores have, and values that are too long for a terminal."""

import pytest

from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from projections.engine.catch_up import catch_up
from projections.history import lookup
from projections.history.errors import AmbiguousRestore
from tests.builders import OFFSET, completed, imported, requested, started, stream
from tests.support import here

LEGACY, OWN = stream(1), stream(2)


@pytest.fixture
def both(database: str) -> None:
    """Id 23 is a row of the legacy table and of the consolidated one."""
    own = imported(2, key=23, origin="consolidated", legacy_id=None, consolidated_id=23)
    Log().append([new_event(imported(1, key=23)), new_event(own)])
    catch_up()


@pytest.mark.usefixtures("both")
@pytest.mark.parametrize("command", ["describe", "audit"])
def test_an_id_of_two_restores_names_the_other_one(command: str):
    told = here.run(command, "23")
    note = f"23 is also the id of restore {LEGACY} in database_management.RestoreLog"
    assert f"{note}: ask for it by its UUID." in told.out
    assert str(OWN) in told.out
    assert note in here.run(command, "23", "--json").json["notes"][0]
    for alone in (str(LEGACY), str(OWN), str(OFFSET + 23)):
        assert "is also the id" not in here.run(command, alone).out


@pytest.mark.usefixtures("both")
def test_what_acts_on_a_restore_refuses_such_an_id_and_says_both_uuids():
    with pytest.raises(AmbiguousRestore) as refused:
        lookup.the_one("23")
    assert refused.value.code == "restore_id_ambiguous"
    assert str(LEGACY) in str(refused.value)
    assert str(OWN) in str(refused.value)
    assert lookup.the_one(str(LEGACY)) == LEGACY
    assert lookup.the_one(str(OFFSET + 23)) == LEGACY


def test_a_row_that_is_withheld_shares_its_id_too(database: str):
    wide = {**imported(2, key=23).columns, "name": "n" * 256}
    own = imported(
        2, key=23, origin="consolidated", legacy_id=None, consolidated_id=23, columns=wide
    )
    Log().append([new_event(imported(1, key=23)), new_event(own)])
    catch_up()
    assert [one.restore for one in lookup.meant("23")] == [OWN, LEGACY]
    with pytest.raises(AmbiguousRestore):
        lookup.the_one("23")


LONG = "m" * 9_000 + "\nend"


@pytest.fixture
def long(database: str) -> None:
    events = (requested(1, message=LONG), started(1), completed(1, message=f"{LONG}!"))
    Log().append([new_event(event) for event in events])
    catch_up()


@pytest.mark.usefixtures("long")
def test_describe_cuts_a_long_message_and_says_so():
    told = here.run("describe", str(stream(1)))
    assert len(told.out) < 6_000
    assert "message: the first 2,000 of 9,005 characters are shown; --whole shows all." in told.out
    shown = here.run("describe", str(stream(1)), "--json").json
    assert shown["restore"]["message"] == LONG[:2_000]
    assert shown["truncated"] == {"message": 9_005}


@pytest.mark.usefixtures("long")
def test_describe_shows_all_of_it_when_asked():
    told = here.run("describe", str(stream(1)), "--whole")
    assert "m" * 9_000 in told.out
    assert "--whole" not in told.out
    shown = here.run("describe", str(stream(1)), "--whole", "--json").json
    assert shown["restore"]["message"] == f"{LONG}!"
    assert shown["truncated"] == {}


@pytest.mark.usefixtures("long")
def test_audit_cuts_long_values_and_says_so():
    told = here.run("audit", str(stream(1)))
    assert len(told.out) < 6_000
    assert told.out.rstrip().endswith("Long values are cut; --whole shows all of them.")
    last = here.run("audit", str(stream(1)), "--json").json["events"][-1]
    (changed, _) = (change for change in last["changes"] if change["column"] == "message")
    assert changed["new"].startswith("m" * 2_000 + "… (9006 bytes, SHA-256 ")
    assert "m" * 9_000 in here.run("audit", str(stream(1)), "--whole").out
    everything = here.run("audit").out
    assert "restore.Completed" in everything
    assert len(everything) < 1_000
