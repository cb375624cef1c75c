"""Reads several tables in one snapshot, so that all of what is read is of one moment."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connections, models, transaction


@contextmanager
def one_snapshot(tables: Sequence[type[models.Model]], using: str = "default") -> Iterator[None]:
    """A block whose queries of these projections all see the same moment.

    In a transaction that has begun already, that is all it says: its queries are the caller's.
    """
    connection = connections[using]
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "sqlite":
        # A transaction of Django's would wait for the write lock.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
    else:
        with transaction.atomic(using=using), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            # Before the snapshot: after a switch of generations, a table would be empty in it.
            names = ", ".join(f'"{one._meta.db_table}"' for one in tables)
            cursor.execute(f"LOCK TABLE {names} IN ACCESS SHARE MODE")
            yield
