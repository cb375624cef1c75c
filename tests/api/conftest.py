"""Clients with a role each, and tables to read from."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import Client, override_settings

from api import accounts
from tests.acceptance.ready import ready
from tests.conftest import fresh, use
from tests.support import copying, here


@dataclass
class Reader:
    """Asks the API with an account's token and hands back responses."""

    client: Client

    def get(self, path: str, expect: int = 200, headers: Any = None, **parameters: Any) -> Any:
        """GET a path below `/api/v1/`, or an absolute one; the response must have this status."""
        url = path if path.startswith(("/", "http")) else f"/api/v1/{path}"
        response = self.client.get(url, parameters or None, headers=headers)
        assert response.status_code == expect, response.content.decode()[:2000]
        return response

    def json(self, path: str, **parameters: Any) -> Any:
        return self.get(path, **parameters).json()

    def ids(self, path: str, **parameters: Any) -> list[int]:
        return [row["id"] for row in self.json(path, **parameters)["results"]]

    def problem(self, path: str, expect: int, **parameters: Any) -> Any:
        """The problem details of a refused GET."""
        response = self.get(path, expect=expect, **parameters)
        assert response["Content-Type"] == "application/problem+json"
        problem = response.json()
        assert problem["status"] == expect
        assert problem["type"] == "about:blank"
        assert problem["detail"]
        return problem


@pytest.fixture
def reader_of(database: str) -> Callable[..., Reader]:
    """Makes a `Reader` whose account holds these roles."""

    def make(*roles: str) -> Reader:
        user = accounts.create(f"a-{'-'.join(roles) or 'nobody'}", roles=roles)
        return Reader(Client(headers={"Authorization": f"Token {accounts.new_token(user)}"}))

    return make


@pytest.fixture
def viewer(reader_of: Callable[..., Reader]) -> Reader:
    return reader_of("viewer")


@pytest.fixture
def auditor(reader_of: Callable[..., Reader]) -> Reader:
    return reader_of("auditor")


@pytest.fixture
def settings() -> Iterator[Callable[[str, Any], None]]:
    """Changes a setting for the time of the test."""
    with ExitStack() as stack:
        yield lambda name, value: stack.enter_context(override_settings(**{name: value}))


@pytest.fixture(scope="session")
def sample(templates: dict[str, str]) -> Path:
    """A sample host to copy. For the session: making it points Django at another database."""
    return ready(templates).host


@pytest.fixture
def host(tmp_path: Path, sample: Path) -> Iterator[str]:
    """A host of one's own, the service's source; certificates and snapshots go beside it."""
    url = f"sqlite:///{tmp_path}/host.sqlite3"
    shutil.copyfile(sample, tmp_path / "host.sqlite3")
    with override_settings(
        SOURCE_DATABASE_URL=url,
        BASE_DIR=tmp_path,
        SIGNING_KEY_FILE=str(tmp_path / "key.pem"),
    ):
        yield url


@pytest.fixture
def imported(database: str, vendor: str, host: str, sample: Path, templates: dict[str, str]) -> str:
    """The host, imported into the database."""

    def make(folder: Path) -> dict[str, str]:
        url = fresh(templates, vendor, folder)
        use(url)
        here.run("import_host", source=f"sqlite:///{sample}")
        connections.close_all()  # before another process copies the file: closing writes to it
        return {"url": url}

    model = copying.made_once(f"imported-{vendor}", make)["url"]
    connections.close_all()
    copying.copy(model, database)
    use(database)
    return host
