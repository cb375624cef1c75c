"""The lookup of a host's users, so that a restore has a user's name and not only the id."""

from collections.abc import Sequence

from infrastructure.hosts.readers.base import Reader, UserLookup
from infrastructure.hosts.schema import Reference, TableSchema

NAMES = ("username", "email")
"""The columns that name a user, best first."""


def user_lookup(
    reader: Reader, restores: TableSchema, created_by: Sequence[str]
) -> UserLookup | None:
    """Where the columns `created_by` find the name of a user.

    A host may have its own user model, so the foreign key decides. A table without one
    (`db_constraint=False`, MyISAM) is assumed to refer to the same table as the admin's log, or to
    `auth_user`. A column without a foreign key counts only if the keys have the same type,
    since the database has to compare them.
    """
    for name in created_by:
        reference = restores.references.get(name)
        if reference is not None:
            return _lookup(reader, reference, restores, created_by)
    for guess in _guesses(reader):
        if set(created_by[:1]) & _comparable(reader, guess, restores, created_by):
            return _lookup(reader, guess, restores, created_by)
    return None


def _lookup(
    reader: Reader, key: Reference, restores: TableSchema, created_by: Sequence[str]
) -> UserLookup | None:
    users = reader.table(key.table)
    name = next((name for name in NAMES if users is not None and users.has(name)), None)
    if name is None:
        return None
    return UserLookup(key, name, _comparable(reader, key, restores, created_by))


def _comparable(
    reader: Reader, key: Reference, restores: TableSchema, created_by: Sequence[str]
) -> frozenset[str]:
    """Those of the columns `created_by` that refer to the key, or have its type."""
    users = reader.table(key.table)
    own = users.column(key.column) if users is not None else None
    return frozenset(
        name
        for name in created_by
        if restores.references.get(name) == key
        or (
            own is not None
            and (column := restores.column(name)) is not None
            and column.declared == own.declared
        )
    )


def _guesses(reader: Reader) -> list[Reference]:
    admin = reader.table("django_admin_log")
    known = admin.references.get("user_id") if admin is not None else None
    return [*([known] if known else []), Reference("auth_user", "id")]
