"""Where a host keeps the names of its users: verification's own reading of its catalogue.

The column that says who created a restore has a foreign key to the table of users, whatever the
host calls that. A host without the key (`db_constraint=False`, MyISAM) is taken to mean the users
of Django's admin log, or else `auth_user`, but only where the keys are declared alike. The name is
the user's `username`, or else the `email`.
"""

from collections.abc import Sequence
from math import inf
from typing import Any

from projections.verification.actual.readers import SnapshotReader
from projections.verification.actual.readers.base import Lookup

CALLED = ("username", "email")
SPELLED = {inf: "Infinity", -inf: "-Infinity"}


def lookup_of(host: SnapshotReader, restores: str, who: Sequence[str]) -> Lookup | None:
    """How the name of whoever created a restore is looked up; None where there is no way.

    The columns `who` say it: the first of them that is not null.
    """
    references = host.references(restores)
    known = next((references[column] for column in who if column in references), None)
    target = known or _supposed(host, restores, who)
    if target is None:
        return None
    table, key = target
    there = host.declared(table)
    name = next((name for name in CALLED if name in there), None)
    return None if name is None else Lookup(tuple(who), table, key, name)


def _supposed(host: SnapshotReader, restores: str, who: Sequence[str]) -> tuple[str, str] | None:
    """The table that is meant, and its key, where no foreign key says so."""
    own = host.declared(restores).get(who[0]) if who else None
    if own is None:
        return None
    of_the_admin = host.references("django_admin_log").get("user_id")
    for target in (of_the_admin, ("auth_user", "id")):
        if target is not None and host.declared(target[0]).get(target[1]) == own:
            return target
    return None


def name_of(value: Any) -> str | None:
    """A name as the log keeps it: text, whatever the host's column holds."""
    if value is None:
        return None
    if isinstance(value, bytes):
        return value.hex()
    text = SPELLED.get(value) or str(value)
    try:
        text.encode()
    except UnicodeEncodeError:  # bytes that are not UTF-8, as a reader hands them out
        return text.encode("utf-8", "surrogateescape").hex()
    return text
