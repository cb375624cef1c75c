"""The consolidation's pages: the list of steps taken, and a page for each possible step.

In a browser a step is confirmed by ticking a box that says what it does, as by `yes` at the
terminal.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from api import roles, steps
from api.console.consolidation import in_words
from api.console.forms import FinalForm, ProvenStepForm, StepForm
from api.console.refusals import refused
from api.console.step_effects import step_effects
from api.permissions import ReadsRestores, RunsMigration
from api.remedies import STEPS, at_terminal, on_page
from domain.consolidation.consolidation import Consolidation
from domain.errors import DomainError, RestoreLogError
from domain.messages import remedy
from infrastructure.event_store.log import Log
from infrastructure.recording.consolidation import load_consolidation
from projections.consolidation.step_request import StepRequest
from projections.consolidation.step_run import Step


@dataclass(frozen=True)
class Page:
    """A step's page: the step's name before and after, what it does, and what can refuse it."""

    title: str
    done: str
    what: str
    take: Callable[[StepRequest], Step]
    form: type[StepForm]
    refuse: Callable[[Consolidation], None]

    def refusal(self) -> str:
        """Why the step cannot be taken now; empty if it can."""
        try:
            self.refuse(load_consolidation(Log()))
        except DomainError as error:
            return error.message.said(on_page)
        return ""


PAGES = {
    "cut_over": Page(
        *(
            STEPS["cut_over"],
            "Cut over",
            steps.announced(steps.CUT_OVER),
            steps.cut_over,
            ProvenStepForm,
        ),
        lambda consolidation: consolidation.refuse_cut_over(),
    ),
    "roll_back": Page(
        *(
            STEPS["roll_back"],
            "Rolled back",
            steps.announced(steps.ROLL_BACK),
            steps.roll_back,
            StepForm,
        ),
        lambda consolidation: consolidation.refuse_roll_back(),
    ),
    "retire": Page(
        *(STEPS["retire"], "Retired", steps.announced(steps.RETIRE), steps.retire, FinalForm),
        # The form asks for the reason.
        lambda consolidation: consolidation.refuse_retirement("asked for by the form"),
    ),
}


@never_cache
@require_safe
@login_required
def steps_page(request: HttpRequest) -> HttpResponse:
    """Every step, newest first; for those with permission, a link to take the next one."""
    if not request.user.has_perm(f"api.{roles.READ}"):
        raise PermissionDenied(ReadsRestores.message)
    possible = {}
    if request.user.has_perm(f"api.{roles.MIGRATE}"):
        possible = {name: page.title for name, page in PAGES.items() if not page.refusal()}
    told = in_words()
    context = {"consolidation": told, "history": told["history"][::-1], "possible": possible}
    return render(request, "api/steps.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def take(request: HttpRequest, name: str) -> HttpResponse:
    """Explain a step, ask for confirmation, and take it."""
    page = PAGES.get(name)
    if page is None:
        raise Http404
    if not request.user.has_perm(f"api.{roles.MIGRATE}"):
        raise PermissionDenied(RunsMigration.message)
    form, status, refusal = page.form(), 200, page.refusal()
    if request.method == "POST":
        form = page.form(request.POST)
        status = 409 if refusal else 422
        if not refusal and form.is_valid():
            try:
                step = page.take(StepRequest(request.user.get_username(), *form.asked()))
            except RestoreLogError as error:
                status = refused(form, error)
            else:
                _tell(request, page, step)
                return redirect("steps")
    context = {
        "page": page,
        "name": name,
        "form": form,
        "refusal": refusal,
        "consolidation": in_words(),
        **({} if refusal else step_effects(name)),
    }
    return render(request, "api/step.html", context, status=status)


def _tell(request: HttpRequest, page: Page, step: Step) -> None:
    """Messages about the step's result, for the next page."""
    messages.success(request, f"{page.done} at position {step.position:,}.")
    if step.certificate:
        messages.info(request, f"The certificate is on the server: {step.certificate}")
    if step.unrepresentable:
        missing = f"What the legacy table cannot represent ({len(step.unrepresentable):,})"
        where = at_terminal(remedy("consolidation", unrepresentable=True))
        messages.info(request, f"{missing} stays in the log. To list it: {where}")
