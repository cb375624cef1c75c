"""On SQLite, whoever waits for the write lock holds up nobody else."""

import sqlite3
from contextlib import closing
from threading import Event, Thread
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from infrastructure.databases.sqlite3 import base
from tests.api.recorder import recorder

pytestmark = pytest.mark.parametrize("vendor", ["sqlite"])
PATIENCE = 20


def test_a_cursor_of_a_thread_that_waits_can_be_freed(
    database: str, monkeypatch: pytest.MonkeyPatch
):
    """The garbage collector does that, in the thread that has the lock."""
    waits, cursors = Event(), list[Any]()
    monkeypatch.setattr(base, "sleep", lambda _: waits.set())

    def write() -> None:
        connection.ensure_connection()
        rows = connection.connection.execute("SELECT name FROM sqlite_master")
        rows.fetchone()
        cursors.append(rows)
        del rows
        with transaction.atomic():
            pass
        connection.close()

    writer, collector = Thread(target=write), Thread(target=cursors.clear)
    with transaction.atomic():
        writer.start()
        assert waits.wait(PATIENCE)
        collector.start()
        collector.join(PATIENCE)
        held_up = collector.is_alive()
    writer.join()
    collector.join()
    assert not held_up
    assert not cursors


def test_the_drivers_own_statements_wait_too(database: str, monkeypatch: pytest.MonkeyPatch):
    other = sqlite3.connect(database.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(base, "sleep", lambda _: other.in_transaction and other.execute("COMMIT"))
    connection.ensure_connection()
    driver = connection.connection
    for write in (
        lambda: driver.execute("CREATE TABLE one (id integer)"),
        lambda: driver.executemany("INSERT INTO one VALUES (?)", [(1,), (2,)]),
    ):
        write()
        assert not other.in_transaction
        driver.rollback()
        other.execute("BEGIN IMMEDIATE")
    other.close()


def test_whoever_has_waited_for_too_long_is_told_and_may_try_again(database: str):
    told = []

    def write() -> None:
        connection.ensure_connection()
        connection.connection.patience = 0.05
        try:
            with transaction.atomic():
                pass
        except OperationalError as error:
            told.append(str(error))
        connection.close()

    for _ in range(2):
        with transaction.atomic():
            writer = Thread(target=write)
            writer.start()
            writer.join()
    assert told == ["database is locked"] * 2


def test_a_request_that_has_waited_for_too_long_says_when_to_come_again(
    database: str, monkeypatch: pytest.MonkeyPatch
):
    ada = recorder()
    connection.ensure_connection()
    monkeypatch.setattr(connection.connection, "patience", 0.05)
    with closing(sqlite3.connect(database.removeprefix("sqlite:///"))) as other:
        other.execute("BEGIN IMMEDIATE")
        refused = ada.post("restores/", {"name": "r"}, 503)
    assert (refused.json()["code"], refused["Retry-After"]) == ("database_unavailable", "2")
    ada.requested()
