"""The `eventsourcing` library's own contract tests, against our recorder, on both databases.

They come from `eventsourcing.tests.persistence`; only `create_recorder` is ours.
"""

import gc
from uuid import uuid4

import pytest
from django.db import connections
from eventsourcing.persistence import StoredEvent
from eventsourcing.tests import persistence as contract

from infrastructure.event_store.recorder import LogRecorder


class RecorderContract(contract.ApplicationRecorderTestCase):
    __test__ = False  # the functions below run it, on each database
    EXPECT_CONTIGUOUS_NOTIFICATION_IDS = True

    def create_recorder(self) -> LogRecorder:
        return LogRecorder()

    def close_db_connection(self, *args: object) -> None:
        """Called at the end of the threads that the library does tidy up."""
        connections.close_all()


class OrderContract(contract.NonInterleavingNotificationIDsBaseCase):
    __test__ = False

    def create_recorder(self) -> LogRecorder:
        return LogRecorder()


RECORDER_TESTS = (
    "test_insert_select",
    "test_performance",
    "test_concurrent_no_conflicts",
    "test_concurrent_throughput",
    "optional_test_insert_subscribe",
)


def test_every_contract_test_of_the_library_is_run():
    assert {name for name in dir(contract.ApplicationRecorderTestCase) if "test_" in name} == set(
        RECORDER_TESTS
    )


# The library's threads end without closing their connection, which ours would not.
LEFT_OPEN = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"
)


@LEFT_OPEN
@pytest.mark.parametrize("name", RECORDER_TESTS)
def test_the_recorder_keeps_the_librarys_contract(database: str, name: str):
    getattr(RecorderContract(name), name)()
    gc.collect()


@LEFT_OPEN
def test_positions_of_two_writers_do_not_interleave(database: str):
    OrderContract("test").test()
    gc.collect()


def test_a_recorder_keeps_state_that_is_no_json(database: str):
    recorder = LogRecorder()
    stream = uuid4()
    event = StoredEvent(stream, 0, "topic", b"\x00\xff not json")
    assert recorder.insert_events([event]) == [1]
    assert recorder.select_events(stream) == [event]
