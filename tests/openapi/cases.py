"""Requests that the OpenAPI document allows, and some that it does not, sent as each role."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from typing import Any

import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import checks

from api import accounts
from api.roles import ROLES
from tests.openapi.service import Ids

ACCEPTED = ["2xx", "3xx", "401", "403", "404", "406", "409", "412", "422"]
"""The statuses of what the document allows. A refusal is for what it cannot say: roles, states,
what the domain's rules refuse, and streams, which not every server can send."""
UNSAID = {
    *("cursor_invalid", "as_of_beyond_log", "as_of_invalid", "ordering_invalid"),
    *("interval_invalid", "too_many_days", "not_of_backups"),
}
"""Refusals of values that no pattern can tell from the others: what a page said before, how long
the log is, the many forms of times, columns of which none is named twice, parameters that do not
go together."""
MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
MOST = 3
"""How many contradictions of an operation are kept."""


def what_the_document_allows_is_understood(context: Any, response: Any, case: Case) -> bool | None:
    if response.status_code == 400:
        problem = response.json()
        if problem["code"] in UNSAID or set(problem.get("errors", "?")) == {"extra"}:
            return None
    return checks.positive_data_acceptance(context, response, case)


CHECKS = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    what_the_document_allows_is_understood,
]


class Cases:
    """Sends requests to every operation; `wrong` has what contradicted the document."""

    def __init__(self, ids: Ids) -> None:
        document = SchemaGenerator().get_schema(request=None, public=True)
        accepted = {"positive_data_acceptance": {"expected-statuses": ACCEPTED}}
        config = schemathesis.Config.from_dict({"checks": accepted})
        self.schema = schemathesis.openapi.from_dict(document, config=config)
        self.schema.app = WSGIHandler()
        self.ids = ids
        self.tokens = {
            role: accounts.new_token(accounts.create(role, roles=[role])) for role in ROLES
        }
        self.sent: Counter[str] = Counter()
        self.wrong: list[str] = []
        self._found: Counter[str] = Counter()

    def send(self, each: int, chance: int | None = None) -> None:
        """So many requests to each operation, by turns as each role.

        They are the same ones each time, unless they are drawn from `chance`.
        """
        how = settings(
            max_examples=each,
            derandomize=chance is None,
            deadline=None,
            database=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
        for operation in self.schema.get_all_operations():
            test = self._test(operation.ok())
            how(test if chance is None else seed(chance)(test))()

    def _test(self, operation: Any) -> Any:
        roles = cycle(ROLES)

        @given(st.sampled_from(MODES), st.booleans(), st.data())
        def answers_as_the_document_says(
            mode: GenerationMode, known: bool, data: st.DataObject
        ) -> None:
            case = data.draw(operation.as_strategy(mode))
            if known and "id" in case.path_parameters:
                case.path_parameters["id"] = data.draw(st.sampled_from(self._ids(operation.path)))
            self._check(case, next(roles))

        return answers_as_the_document_says

    def _ids(self, path: str) -> list[str]:
        found = self.ids["backups" if "/backups/" in path else "restores"]
        return [one for one in found if one.isdigit()] if path.endswith("/extra/") else found

    def _check(self, case: Case, role: str) -> None:
        self.sent[role] += 1
        headers = {"Authorization": f"Token {self.tokens[role]}"}
        response = case.call(headers=headers)
        try:
            case.validate_response(response, checks=CHECKS, headers=headers)
        except FailureGroup as failures:
            self._found[case.operation.label] += 1
            if self._found[case.operation.label] <= MOST:
                what = "; ".join(f"{one.title}: {one.message}" for one in failures.exceptions)
                answer = f"{response.status_code} {response.content[:300]!r}"
                self.wrong.append(f"{role}: {case.as_curl_command()}\n{answer}\n{what[:1000]}")


@contextmanager
def one_connection() -> Iterator[None]:
    """Requests share the test's connection to its database, as with Django's own client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)
