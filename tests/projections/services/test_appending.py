"""A command and its tables are one transaction, and the tables are as by a rebuild."""

import random
from uuid import uuid4

import psycopg
import pytest
from django.db import transaction

from domain.aggregate import Aggregate
from domain.events import Event
from infrastructure.event_store.errors import StreamConflict
from infrastructure.event_store.log import Log
from infrastructure.event_store.transaction_log import TransactionLog
from infrastructure.recording import restores
from infrastructure.recording.streams import load_events, save
from projections.engine.appended import catch_up_with_appended
from projections.engine.rebuild import rebuild
from projections.services import record
from projections.services.appending import TRIES, append_with_tables
from tests.projections.engine.tables import contents
from tests.projections.engine.test_few_events import statements
from tests.projections.histories import history
from tests.support import raw


class Stream(Aggregate):
    """Any stream, to which events are added without being decided on."""

    def when(self, event: Event) -> None:
        pass

    def add(self, event: Event) -> None:
        self.follow(event)
        self._pending.append(event)


def add_all(log: Log, events: list[Event]) -> None:
    """Append the events, each as the next of its stream."""
    for event in events:
        stream = Stream.from_events(event.originator_id, load_events(log, event.originator_id))
        stream.add(event)
        save(log, stream)


@pytest.mark.usefixtures("database")
def test_a_command_takes_at_most_ten_statements_with_all_its_tables_and_two_more_for_sums():
    restore = record.request_restore(name="orders", actor="ada").what.id
    for command, sums in ((record.start_restore, 0), (record.complete_restore, 2)):
        sent = statements(lambda command=command: command(restore, actor="ada"))
        assert 5 <= len(sent) <= 10 + sums, "\n".join(sent)


def test_the_tables_are_those_of_a_rebuild(database: str):
    events, chance = history(4, 40), random.Random(4)
    while events:
        size = chance.choice([1, 1, 1, 2, 5])
        part, events = events[:size], events[size:]
        recorded = append_with_tables(lambda log, part=part: add_all(log, part))
        assert (recorded.position, recorded.behind) == (Log().head().position, {})
    by_commands = contents(database)
    rebuild(workers=1)
    assert contents(database) == by_commands


def test_a_command_is_recorded_though_a_table_lost_the_row(database: str):
    restore = record.request_restore(name="orders", actor="ada").what.id
    raw.execute(database, "DELETE FROM system_backups_restorelog")
    recorded = record.start_restore(restore, actor="ada")
    assert (recorded.position, recorded.behind) == (2, {})
    assert raw.value(database, "SELECT status FROM database_management_restorelog") == "in_progress"
    rebuild(workers=1)
    assert raw.value(database, "SELECT status FROM system_backups_restorelog") == "in_progress"


def test_a_command_in_conflict_until_its_last_try_is_recorded_though_a_table_lost_the_row(
    database: str,
):
    restore = record.request_restore(name="orders", actor="ada").what.id
    raw.execute(database, "DELETE FROM system_backups_restorelog")
    conflicts = iter(range(TRIES - 1))

    def start(log: Log) -> object:
        if next(conflicts, None) is not None:
            raise StreamConflict(restore, 1)
        return restores.start_restore(log, restore, actor="ada")

    assert append_with_tables(start).position == 2
    assert raw.value(database, "SELECT status FROM database_management_restorelog") == "in_progress"


def test_a_command_that_stays_in_conflict_is_refused(database: str):
    tried = []

    def decide(log: Log) -> None:
        tried.append(log)
        raise StreamConflict(uuid4(), 1)

    with pytest.raises(StreamConflict):
        append_with_tables(decide)
    assert len(tried) == TRIES


# SQLite has one writer, who has all of the file.
@pytest.mark.parametrize("vendor", ["postgresql"], indirect=True)
def test_an_append_does_not_wait_for_tables_that_are_locked(database: str):
    with psycopg.connect(database) as other:
        record.request_restore(name="orders", actor="ada")
        other.execute("SELECT * FROM engine_generation FOR UPDATE")
        with transaction.atomic():
            log = TransactionLog()
            restores.request_restore(log, restore_id=uuid4(), name="more", actor="ada")
            assert catch_up_with_appended(log) is None
