"""The lookup of user names in a host: verification's own reading of its catalogue.

The column with a restore's creator has a foreign key to the table of users, which may have any
name. For a host without the key (`db_constraint=False`, MyISAM), the users of Django's admin log
are assumed, or else `auth_user`, but only if the keys are declared with the same type. A further
column that may name the creator names none if it is declared with another type. The name is the
user's `username`, or else the `email`.
"""

from collections.abc import Sequence
from math import inf
from typing import Any

from projections.verification.actual.readers import SnapshotReader
from projections.verification.actual.readers.base import Lookup

CALLED = ("username", "email")
SPELLED = {inf: "Infinity", -inf: "-Infinity"}


def lookup_of(host: SnapshotReader, restores: str, who: Sequence[str]) -> Lookup | None:
    """The lookup of the name of a restore's creator; None if it is not possible.

    The creator is in the columns `who`: the first of them that is not null.
    """
    references = host.references(restores)
    known = next((references[column] for column in who if column in references), None)
    target = known or _supposed(host, restores, who)
    if target is None:
        return None
    table, key = target
    there = host.declared(table)
    name = next((name for name in CALLED if name in there), None)
    if name is None:
        return None
    own = host.declared(restores)
    keys = {
        column
        for column in who
        if references.get(column) == target or own.get(column) == there.get(key, "")
    }
    return Lookup(tuple(who), frozenset(keys), table, key, name)


def _supposed(host: SnapshotReader, restores: str, who: Sequence[str]) -> tuple[str, str] | None:
    """The assumed table and its key if there is no foreign key."""
    own = host.declared(restores).get(who[0]) if who else None
    if own is None:
        return None
    of_the_admin = host.references("django_admin_log").get("user_id")
    for target in (of_the_admin, ("auth_user", "id")):
        if target is not None and host.declared(target[0]).get(target[1]) == own:
            return target
    return None


def name_of(value: Any) -> str | None:
    """A name in the log's form: text, for any type of the host's column."""
    if value is None:
        return None
    if isinstance(value, bytes):
        return value.hex()
    text = SPELLED.get(value) or str(value)
    try:
        text.encode()
    except UnicodeEncodeError:  # bytes that are not UTF-8, as a reader returns them
        return text.encode("utf-8", "surrogateescape").hex()
    return text
