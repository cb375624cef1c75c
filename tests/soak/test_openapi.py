"""Ten thousand requests as each role, drawn from the OpenAPI document, against what it says."""

import pytest

from api.roles import ROLES
from tests.api.conftest import host, imported, sample
from tests.openapi.cases import Cases, one_connection
from tests.openapi.service import prepared
from tests.soak.parameters import REQUESTS, SEED

__all__ = ["host", "imported", "sample"]

pytestmark = pytest.mark.soak


def test_no_answer_contradicts_the_document(imported: str, vendor: str, found):
    cases = Cases(prepared())
    operations = len(list(cases.schema.get_all_operations()))
    with one_connection():
        cases.send(len(ROLES) * -(-REQUESTS // operations), SEED)
    assert not cases.wrong, "\n\n".join(cases.wrong)
    fewest = min(cases.sent.values())
    assert fewest >= REQUESTS
    found(
        "requests drawn from the OpenAPI document",
        vendor,
        f"at least {fewest:,} as each of {len(ROLES)} roles, to {operations} operations, half of "
        "them against the document: no 5xx, and no answer that it does not describe",
    )
