"""Why nothing could be verified: a code for programs, a sentence for people."""

import pytest

from api.remedies import at_terminal
from projections.verification.errors import (
    CannotVerify,
    HostNotComparable,
    NoHostAdopted,
    NoHostNamed,
    NotTheImportedHost,
)


@pytest.mark.parametrize(
    ("error", "facts", "code", "says"),
    [
        (CannotVerify, ("why",), "cannot_verify", "why"),
        (
            NoHostNamed,
            (),
            "no_source",
            "No host to compare with. Set SOURCE_DATABASE_URL, or give its URL: --source URL",
        ),
        (
            HostNotComparable,
            ("the table users",),
            "not_a_host",
            "The source lacks the table users. If it is another database than the imported host, "
            "correct the URL. If the host's tables have changed, import it again: "
            "manage.py import_host",
        ),
        (
            NoHostAdopted,
            (),
            "no_host_adopted",
            "The log is not bound to a host yet, so there is nothing to verify. "
            "To import one: manage.py import_host",
        ),
        (
            NotTheImportedHost,
            ("abc", "def"),
            "another_host",
            "The log belongs to the host with fingerprint abc; the source's is def. "
            "Nothing was compared. Check the URL.",
        ),
    ],
)
def test_it_says_what_is_missing(
    error: type[CannotVerify], facts: tuple[str, ...], code: str, says: str
):
    made = error(*facts)
    assert isinstance(made, CannotVerify)
    assert (made.code, made.message.said(at_terminal)) == (code, says)
