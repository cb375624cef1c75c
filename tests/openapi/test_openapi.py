"""No answer contradicts the OpenAPI document, and none is a 5xx, whatever is sent as which role."""

from tests.openapi.cases import Cases, one_connection
from tests.openapi.service import prepared

EACH = 15
"""Requests to each operation: 525 in all."""


def test_no_answer_contradicts_the_document(imported: str):
    cases = Cases(prepared())
    with one_connection():
        cases.send(EACH)
    assert not cases.wrong, "\n\n".join(cases.wrong)
    assert sum(cases.sent.values()) >= 500
    assert min(cases.sent.values()) > 100
