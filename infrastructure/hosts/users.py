"""Where a host keeps its users, so that a restore can say who, not only which number."""

from infrastructure.hosts.catalogue import Reference, Table
from infrastructure.hosts.readers.base import Reader

NAMES = ("username", "email")
"""The columns that name a user, best first."""


def user_lookup(reader: Reader, restores: Table) -> tuple[Reference, str] | None:
    """Where `created_by_id` points, and the column there that names the user.

    A host may have its own user model, so the foreign key decides. A table without one
    (`db_constraint=False`, MyISAM) is taken to point where the admin's log does, or at
    `auth_user`; but only if the keys are of one kind, since the database has to compare them.
    """
    reference = restores.references.get("created_by_id")
    if reference is not None:
        return _named(reader, reference)
    own = restores.column("created_by_id")
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
