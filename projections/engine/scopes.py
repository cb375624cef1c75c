"""Which rows stand in the scoped projections. Whoever decides that registers here."""

from collections.abc import Callable
from typing import NamedTuple

from projections.engine.errors import UnknownScope
from projections.engine.registry import Projection


class Scopes(NamedTuple):
    """The scopes' names, that of projections without one first; and which one is in force.

    `in_force` is asked with the alias of the service's database.
    """

    names: tuple[str, ...]
    in_force: Callable[[str], str]


_scopes = Scopes(("native",), lambda using: "native")


def register_scopes(scopes: Scopes) -> None:
    """Call this when the app that decides about scopes is ready."""
    global _scopes
    _scopes = scopes


def default_scope() -> str:
    """The scope of a projection that is not scoped."""
    return _scopes.names[0]


def scope_of(projection: Projection, using: str) -> str:
    """Which rows a projection has to hold now."""
    return _scopes.in_force(using) if projection.scoped else default_scope()


def refuse_unknown(scope: str) -> None:
    """Raise `UnknownScope` if there is no scope of this name."""
    if scope not in _scopes.names:
        raise UnknownScope(scope, _scopes.names)
