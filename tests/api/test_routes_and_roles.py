"""Every route with every role: what the reference says is what is answered."""

import re
from pathlib import Path
from uuid import uuid4

from django.test import Client

from api import accounts
from api.roles import ROLES

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "access.md"
ROW = re.compile(r"\| (GET|POST) `(/[^`]*)` \|(.*)\|")
WRITING = ("operator", "migrator")


def told() -> list[tuple[str, str, dict[str, bool]]]:
    rows = [ROW.fullmatch(line) for line in PAGE.read_text().splitlines()]
    return [
        (row[1], row[2], dict(zip(ROLES, (cell.strip() == "yes" for cell in row[3].split("|")),
                                  strict=True)))
        for row in rows
        if row
    ]  # fmt: skip


def test_every_route_answers_every_role_as_the_reference_says(database: str):
    clients = {
        role: Client(
            headers={
                "Authorization": f"Token {accounts.new_token(accounts.create(role, roles=[role]))}"
            }
        )
        for role in ROLES
    }
    for method, route, roles in told():
        path = "/api/v1" + re.sub(r"{(\w+)}", lambda found: values[found[1]], route)
        for role, client in clients.items():
            answer = client.generic(method, path, "{}", content_type="application/json")
            assert answer.status_code not in (401, 405, 500), (method, path, role)
            assert (answer.status_code != 403) is roles[role], (method, path, role)
        assert Client().generic(method, path).status_code == 401, (method, path)


values = {"id": str(uuid4()), "position": "1"}


def test_operators_and_migrators_alone_record_and_no_auditor_takes_a_step():
    """The rule in words, beside the table that is generated from the views."""
    for method, route, roles in told():
        may = {role for role, yes in roles.items() if yes}
        if route.startswith(("/audit/", "/exports/")) and route != "/exports/":
            assert may == {"auditor"}, route
        elif method == "POST":
            step = route.startswith("/consolidation/")
            assert may == ({"migrator"} if step else set(WRITING)), route
        else:
            assert may == set(ROLES), route
    assert len(told()) > 30
