"""The page of the tables that are made from the log: how each stands, and rebuilding them."""

from collections.abc import Mapping

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from api import maintenance, roles
from api.console.access import for_readers
from api.console.refusals import refused
from api.console.runs import runs_shown
from api.permissions import RunsMigration
from api.remedies import on_page
from domain.errors import RestoreLogError
from domain.messages import worded
from infrastructure.event_store.log import Log
from infrastructure.maintenance.models import RunKind
from projections.engine.registry import PROJECTIONS
from projections.engine.state import projections_state

ALL = ("", "all tables")
DO = {
    "stopped": "Its projector failed at an event, and the table is as of the event before. When "
    "the cause is fixed, rebuild it.",
    "rebuild_required": "The service has another version of its projector, or the table is new. "
    "Rebuild it.",
    "not_in_log": "It was made from events that the log does not have.",
}
"""What a state means and what to do, where there is anything to do."""


class RebuildForm(forms.Form):
    """Which table, and a box to confirm."""

    table = forms.ChoiceField(label="Which tables", required=False)
    meant = forms.BooleanField(error_messages={"required": "Nothing was started: tick the box."})

    def __init__(self, data: Mapping[str, str] | None = None) -> None:
        super().__init__(data)
        self.fields["table"].choices = [ALL, *((label, label) for label in PROJECTIONS)]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def projections_page(request: HttpRequest) -> HttpResponse:
    """Every table, the progress of a rebuild, and a form that starts one."""
    for_readers(request)
    may_rebuild = request.user.has_perm(f"api.{roles.MIGRATE}")
    form, status = RebuildForm(), 200
    if request.method == "POST":
        if not may_rebuild:
            raise PermissionDenied(RunsMigration.message)
        form = RebuildForm(request.POST)
        status = _begin(request, form)
        if status == 200:
            messages.success(request, "The rebuild has been started.")
            return redirect("projections")
    context = {
        "tables": [
            {**state, "told": state["state"].replace("_", " "), "do": DO.get(state["state"], "")}
            for state in worded(projections_state(), on_page)
        ],
        "position": Log().head().position,
        "runs": runs_shown(RunKind.REBUILD),
        "form": form,
        "may_rebuild": may_rebuild,
    }
    return render(request, "api/projections.html", context, status=status)


def _begin(request: HttpRequest, form: RebuildForm) -> int:
    """Start the rebuild that the form asks for; 200, or the status of a page that says why not."""
    if not form.is_valid():
        return 422
    try:
        maintenance.begin_run(
            RunKind.REBUILD,
            actor=request.user.get_username(),
            subject=form.cleaned_data["table"],
        )
    except RestoreLogError as error:
        return refused(form, error)
    return 200
