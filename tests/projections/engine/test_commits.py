"""Only the transactions that fill a rebuild's tables may be lost; a session is told nothing."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection, connections

from projections.engine.rebuild import rebuild
from tests.projections.histories import history, record
from tests.support import raw


@pytest.mark.parametrize("vendor", ["postgresql"])
def test_a_rebuild_leaves_the_sessions_commits_as_they_are(database: str):
    name = urlsplit(database).path[1:]
    raw.execute(database, f"ALTER DATABASE {name} SET synchronous_commit = 'local'")
    connections.close_all()
    record(history(3, 200))
    seen: set[tuple[bool, str]] = set()
    said: list[str] = []

    def look(*args: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SHOW synchronous_commit")
            seen.add((connection.in_atomic_block, cursor.fetchone()[0]))

    def listen(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        said.append(str(sql))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        rebuild(on_phase=look, progress=look)

    assert {value for _, value in seen} == {"local"}
    assert "SET LOCAL synchronous_commit = off" in said
    assert [text for text in said if text.startswith("SET ") and "LOCAL" not in text] == []
