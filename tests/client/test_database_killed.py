"""`kill -9` of the database server while restores run: none is lost, doubled or left running."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections

from api import accounts
from tests.client.conftest import SILENCE
from tests.client.support import Service, restorelog, spooled, start
from tests.conftest import use
from tests.support import postgres
from tests.support import service as manage


@pytest.fixture
def server() -> Iterator[postgres.Server]:
    """One that syncs: others lose what they acknowledged last."""
    with postgres.private_server(durable=True) as private:
        yield private


@pytest.fixture
def service(server: postgres.Server, tmp_path: Path) -> Iterator[Service]:
    database = server.fresh_database()
    use(database)
    call_command("migrate", verbosity=0)
    token = accounts.new_token(accounts.create("robot", roles=["operator", "auditor"]))
    connections.close_all()
    with Service(database, token, tmp_path, postgres.free_port(), SILENCE) as made:
        yield made


def test_a_database_server_that_is_killed_loses_and_doubles_nothing(
    server: postgres.Server, service: Service, tmp_path: Path
):
    """Two wrappers, one over REST and one in a process of the service's own."""
    done = tmp_path / "done"
    command = ("--", "sh", "-c", f"until test -e {done}; do sleep 0.05; done")
    remote = service.environment(tmp_path)
    local = {"DEBUG": "1", "RESTORELOG_SPOOL": str(tmp_path / "own" / "spool")}
    run_restore = ("run_restore", "--name=local", *command)
    wrappers = [
        start("run", "--name=remote", *command, env=remote),
        manage.start(*run_restore, database=service.database, env=local),
    ]
    while statuses(service) != {"remote": "in_progress", "local": "in_progress"}:
        assert [wrapper.poll() for wrapper in wrappers] == [None, None]
        time.sleep(0.1)
    with postgres.killed(server) as start_again:
        done.touch()
        ends = [wrapper.communicate(60)[1] for wrapper in wrappers]
        assert [wrapper.wait() for wrapper in wrappers] == [0, 0]
        assert all("of this restore wait in" in said for said in ends)
        start_again()
        restorelog("send", env=remote, check=True)
        service.manage("project", **local)
        for restore_id, row in service.restores().items():
            assert row["status"] == "completed"
            assert service.topics(restore_id) == ["Requested", "Started", "Completed"]
        assert service.manage("verify_log", "--json").json["ok"]
        assert spooled(tmp_path) == spooled(tmp_path / "own") == []
        service.stop()


def statuses(service: Service) -> dict[str, str]:
    return {row["name"]: row["status"] for row in service.restores().values()}
