"""A client that records over REST, in this process."""

from dataclasses import dataclass
from typing import Any

from django.test import Client

from api import accounts


@dataclass
class Recorder:
    """Posts as an account with these roles."""

    client: Client

    def post(self, path: str, body: Any = None, expect: int = 200, **headers: str) -> Any:
        """POST to a path below `/api/v1/`; the response must have this status."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        response = self.client.post(
            f"/api/v1/{path}",
            {} if body is None else body,
            content_type="application/json",
            headers=named,
        )
        assert response.status_code == expect, response.content.decode()[:2000]
        return response

    def row(self, path: str, body: Any = None, expect: int = 200, **headers: str) -> Any:
        return self.post(path, body, expect, **headers).json()

    def refused(self, path: str, body: Any = None, expect: int = 409, **headers: str) -> str:
        """The code of the problem."""
        response = self.post(path, body, expect, **headers)
        assert response["Content-Type"] == "application/problem+json"
        return str(response.json()["code"])

    def get(self, path: str, expect: int = 200) -> Any:
        response = self.client.get(f"/api/v1/{path}")
        assert response.status_code == expect, response.content.decode()[:2000]
        return response.json()

    def requested(self, **body: Any) -> str:
        """The UUID of a new restore."""
        return str(self.row("restores/", {"name": "orders", **body}, 201)["restore_id"])

    def running(self, **body: Any) -> str:
        restore = self.requested(**body)
        self.row(f"restores/{restore}/start/", {"started_at": "2026-03-01T12:00:00Z"})
        return restore


def recorder(name: str = "ada", *roles: str) -> Recorder:
    """A recorder with an account of its own; an operator, unless other roles are named."""
    user = accounts.create(name, roles=roles or ("operator",))
    return Recorder(Client(headers={"Authorization": f"Token {accounts.new_token(user)}"}))
