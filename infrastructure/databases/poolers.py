"""The check for poolers that give each PostgreSQL transaction another session: they are refused.

A rebuild has a lock of its session, cursors outlive a transaction, and a setting for our session
would be made in another client's.
"""

import time
from contextlib import closing
from select import select
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.pq import DiagnosticField

from domain.errors import RestoreLogError

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

ROUNDS = 5
PATIENCE = 2.0
"""Seconds to wait for another session. A pool has none to give while all are in use."""
BEGUN = b"BEGIN; SELECT pg_backend_pid()"
STATEMENTS = -1
"""In place of a process id: each statement has another session, so transactions are impossible."""

_checked: set[str] = set()


class TransactionPooling(RestoreLogError):
    code = "transaction_pooling"

    def __init__(self) -> None:
        super().__init__(
            "DATABASE_URL leads to a pooler that gives each transaction another session, such as "
            "PgBouncer with pool_mode = transaction, and the service needs sessions of its own. "
            "Nothing was changed. Set pool_mode = session, or connect to PostgreSQL directly."
        )


def refuse_transaction_pooling(
    sender: Any, connection: "BaseDatabaseWrapper", **kwargs: Any
) -> None:
    """Close a new connection, and raise, if its session may change between two transactions.

    Runs whenever Django opens a connection; each server is checked once per process.
    """
    if connection.vendor != "postgresql" or connection.alias != "default":
        return
    parameters = connection.get_connection_params()
    key = repr(sorted((name, str(value)) for name, value in parameters.items()))
    if key in _checked:
        return
    session = connection.connection
    # A pooler reports an invented process id, so that it can cancel queries for the client.
    if _process(session) != session.info.backend_pid:
        shared = _sessions_change(session, parameters)
        if shared:
            connection.close()
            raise TransactionPooling
        if shared is None:
            return  # not known yet: the next connection is checked again
    _checked.add(key)


def _sessions_change(session: Any, parameters: dict[str, Any]) -> bool | None:
    """Whether another client may use this session between two transactions; None if unknown.

    While another client is in a transaction, a session of our own stays the same, and differs
    from that client's.
    """
    for _ in range(ROUNDS):
        ours = _process(session)
        with closing(psycopg.connect(**{**parameters, "autocommit": True})) as other:
            theirs = _process_of_transaction(other)
            if theirs is None:
                return None
            if theirs == STATEMENTS:
                return True
            changes = theirs == ours or _process(session) != ours
        if changes:
            return True
    return False


def _process(session: Any) -> int:
    """The id of the server's process that answers now."""
    row = session.execute("SELECT pg_backend_pid()").fetchone()
    return int(row[0])


def _process_of_transaction(session: "psycopg.Connection[Any]") -> int | None:
    """Begin a transaction and return its process id; None if no session is free at the moment.

    `STATEMENTS` if transactions are impossible.
    """
    wire = session.pgconn
    wire.send_query(BEGUN)
    until = time.monotonic() + PATIENCE
    while wire.is_busy():
        left = until - time.monotonic()
        if left <= 0 or not select([wire.socket], [], [], left)[0]:
            return None
        wire.consume_input()
    found = None
    while (result := wire.get_result()) is not None:
        if b"statement pooling" in (result.error_field(DiagnosticField.MESSAGE_PRIMARY) or b""):
            return STATEMENTS
        if result.ntuples == 1:
            found = int(result.get_value(0, 0) or b"0")
    return found
