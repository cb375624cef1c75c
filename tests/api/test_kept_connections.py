"""A server keeps its connections; what it shows is nevertheless the database that is there."""

import json
import os
import sqlite3
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from api import accounts
from tests.api.rows import put, restore
from tests.support.serving import serving


def names(address: str, token: str) -> list[str]:
    request = urllib.request.Request(
        f"{address}/api/v1/restores/?ordering=id",
        headers={"Authorization": f"Token {token}", "X-Forwarded-Proto": "https"},
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        page: dict[str, Any] = json.loads(response.read())
    return [row["name"] for row in page["results"]]


@pytest.mark.parametrize("vendor", ["sqlite"])
def test_a_backup_that_is_put_in_the_place_of_the_file_is_read_at_once(
    database: str, tmp_path: Path
):
    file = Path(connections["default"].settings_dict["NAME"])
    token = accounts.new_token(accounts.create("ada", roles=["viewer"]))
    put(restore(1, name="before"))
    backup = tmp_path / "backup.sqlite3"
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(backup)) as copy:
        source.backup(copy)
    put(restore(2, name="after"))
    connections.close_all()
    with serving(database) as address:
        for _ in range(3):
            assert names(address, token) == ["before", "after"]
        for suffix in ("-wal", "-shm"):
            Path(f"{file}{suffix}").unlink(missing_ok=True)
        os.replace(backup, file)
        for _ in range(3):
            assert names(address, token) == ["before"]


def test_what_others_write_is_seen_by_the_next_request(database: str):
    token = accounts.new_token(accounts.create("ada", roles=["viewer"]))
    with serving(database) as address:
        for number in range(1, 6):
            put(restore(number, name=f"restore {number}"))
            assert len(names(address, token)) == number
