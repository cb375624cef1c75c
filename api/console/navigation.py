"""The pages that the navigation leads to, and who is shown them."""

from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import reverse

from api import roles


class MenuPage(NamedTuple):
    """A page of the navigation. `below` are the routes of the pages that belong to it."""

    label: str
    route: str
    permission: str | None = None
    below: tuple[str, ...] = ()


MENU = (
    MenuPage("Overview", "home"),
    MenuPage("Restores", "restores", roles.READ, ("restore", "restore-event", "restore-action")),
    MenuPage("Backups", "backups", roles.READ, ("backup", "backup-event")),
    MenuPage("Audit log", "audit", roles.AUDIT, ("audit-event",)),
    MenuPage("Consolidation", "steps", roles.READ, ("step", "certificate", "legacy-gaps")),
    MenuPage("Projections", "projections", roles.READ),
    MenuPage("Integrity", "integrity", roles.READ, ("integrity-anchor",)),
)


def pages_for(request: HttpRequest) -> list[dict[str, Any]]:
    """What this visitor is shown, each with its label and address, and whether it is the present
    one."""
    user = request.user
    here = getattr(request.resolver_match, "url_name", None)
    shown = [
        {
            "label": entry.label,
            "address": reverse(entry.route),
            "current": here == entry.route or here in entry.below,
        }
        for entry in MENU
        if entry.permission is None or user.has_perm(f"api.{entry.permission}")
    ]
    if getattr(user, "is_staff", False):
        shown.append({"label": "Accounts", "address": reverse("admin:index"), "current": False})
    return shown
