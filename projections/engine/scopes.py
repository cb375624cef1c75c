"""Scopes: which rows are in the scoped projections. The app that decides it registers here."""

from collections.abc import Callable
from typing import NamedTuple

from projections.engine.errors import UnknownScope
from projections.engine.registry import AggregateProjection, Projection, VersionsProjection


class Scopes(NamedTuple):
    """The scopes' names, from the narrowest, which unscoped projections have, to the widest.

    `in_force` returns the one in force.

    It is called with the alias of the service's database.
    """

    names: tuple[str, ...]
    in_force: Callable[[str], str]


_scopes = Scopes(("native",), lambda using: "native")


def register_scopes(scopes: Scopes) -> None:
    """Register the scopes. Call this when the app that decides about them is ready."""
    global _scopes
    _scopes = scopes


def default_scope() -> str:
    """The scope of a projection that is not scoped."""
    return _scopes.names[0]


def scope_of(projection: Projection, using: str, asked: str | None = None) -> str:
    """The scope that a projection must have now, or the one that is asked for."""
    if isinstance(projection, VersionsProjection):
        return projection.scope
    if isinstance(projection, AggregateProjection) and projection.every_scope:
        return _scopes.names[-1]
    if asked is not None:
        return asked
    return _scopes.in_force(using) if projection.scoped else default_scope()


def refuse_unknown(scope: str) -> None:
    """Raise `UnknownScope` if there is no scope of this name."""
    if scope not in _scopes.names:
        raise UnknownScope(scope, _scopes.names)
