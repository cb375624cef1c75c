"""The lookup of a host's users, so that a restore has a user's name and not only the id."""

from collections.abc import Sequence

from infrastructure.hosts.readers.base import Reader
from infrastructure.hosts.schema import Reference, TableSchema

NAMES = ("username", "email")
"""The columns that name a user, best first."""


def user_lookup(
    reader: Reader, restores: TableSchema, created_by: Sequence[str]
) -> tuple[Reference, str] | None:
    """The key to which the columns `created_by` refer, and the column that names the user.

    A host may have its own user model, so the foreign key decides. A table without one
    (`db_constraint=False`, MyISAM) is assumed to refer to the same table as the admin's log, or to
    `auth_user`; but only if the keys have the same type, since the database has to compare them.
    """
    for name in created_by:
        reference = restores.references.get(name)
        if reference is not None:
            return _named(reader, reference)
    own = restores.column(created_by[0]) if created_by else None
    for guess in _guesses(reader):
        users = reader.table(guess.table)
        key = users.column(guess.column) if users is not None else None
        if own is not None and key is not None and key.declared == own.declared:
            return _named(reader, guess)
    return None


def _guesses(reader: Reader) -> list[Reference]:
    admin = reader.table("django_admin_log")
    known = admin.references.get("user_id") if admin is not None else None
    return [*([known] if known else []), Reference("auth_user", "id")]


def _named(reader: Reader, reference: Reference) -> tuple[Reference, str] | None:
    users = reader.table(reference.table)
    if users is None:
        return None
    return next(((reference, name) for name in NAMES if users.has(name)), None)
