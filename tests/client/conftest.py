"""The service over HTTP, on both databases, one server for each module."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections

from api import accounts
from tests.client.support import Service
from tests.conftest import BOTH, fresh, use
from tests.support import postgres
from tests.support.postgres import free_port

SILENCE = 1
"""Seconds without a heartbeat after which these services take a wrapper for dead."""


@pytest.fixture(scope="module", params=BOTH)
def service(
    request: pytest.FixtureRequest,
    templates: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Service]:
    """A running service with an account that may record, and read the whole trail."""
    folder: Path = tmp_path_factory.mktemp("service")
    database = fresh(templates, request.param, folder)
    use(database)
    user = accounts.create("backup-robot", roles=["operator", "auditor"])
    token = accounts.new_token(user)
    connections.close_all()
    with Service(database, token, folder, free_port(), SILENCE) as made:
        yield made
    connections.close_all()
    if request.param == "postgresql":
        postgres.drop_database(database)
