"""A database that dies while rows are compared: it is named, and it is the right one."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connections

from infrastructure.hosts.connecting.errors import HostUnreachable
from projections.verification.verify import verify
from tests.conftest import use
from tests.projections.verification.conftest import Made, Service
from tests.support import raw

OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def dying(url: str) -> Callable[[int, int], Any]:
    """Told of progress, it ends every connection to a database."""
    return lambda done, total: raw.rows(url, OTHERS)


def compared(service: Service, dies: str) -> None:
    use(service.url)
    try:
        verify(service.host, progress=dying(dies))
    finally:
        connections.close_all()


def test_a_host_that_dies_is_called_the_host(made: Made):
    service = made("postgresql")
    with pytest.raises(HostUnreachable, match="The host's database cannot be read"):
        compared(service, service.host)


def test_the_services_own_database_is_not_called_the_host(made: Made):
    service = made("postgresql")
    with pytest.raises(OperationalError) as died:
        compared(service, service.url)
    assert "\n" not in str(died.value)


def test_a_column_may_have_any_name(made: Made):
    service = made("postgresql")
    for name in ("what?", "100%", "50%s", "{odd}"):
        raw.execute(
            service.host, f"ALTER TABLE system_backups_restorelog ADD \"{name}\" text DEFAULT 'x'"
        )
    service.import_again()
    assert service.verify()["equal"] is True
