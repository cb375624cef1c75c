"""Which roles may use which route, as the views ask for it."""

import re
from collections.abc import Iterator
from types import SimpleNamespace

from django.urls import URLPattern

from api.permissions import Has
from api.roles import ROLES

METHODS = ("GET", "POST")


def routes() -> Iterator[tuple[str, str, list[str]]]:
    """Method, route and roles of all routes of the API, in the order of its URLs."""
    from api.v1.urls import urlpatterns

    for pattern in urlpatterns:
        assert isinstance(pattern, URLPattern)
        if pattern.name == "nowhere":
            continue
        route = "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", str(pattern.pattern))
        view = pattern.callback.cls()
        for method in METHODS:
            if method in view.allowed_methods:
                view.request = SimpleNamespace(method=method)
                yield method, route, _roles(view.get_permissions())


def _roles(permissions: list[object]) -> list[str]:
    """The roles that have every permission which a view asks for."""
    asked = {one.permission for one in permissions if isinstance(one, Has)}
    return [role for role, held in ROLES.items() if asked <= set(held)]
