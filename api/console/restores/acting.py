"""The page of an action on one restore: it says what will be recorded, asks, and records it.

A form names the version of the restore that it was made for. If somebody recorded in between,
nothing is recorded and the page shows what is new. A form also has a key, which its event gets as
`correlation`: a form that is sent twice records once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from api import roles
from api.console.access import for_readers
from api.console.refusals import refused
from api.console.restores.action_fields import as_typed
from api.console.restores.action_forms import ActionForm, SentForm
from api.console.restores.actions import ACTIONS, Action, recorded_by_form
from api.console.restores.amending import amend_form, amendable_columns
from api.console.restores.reading import OneRestore, read_restore
from api.console.timeline import recorded_by
from api.permissions import RecordsRestores
from api.remedies import on_page
from domain.errors import RestoreLogError
from domain.events import Event
from domain.restores.errors import RestoreChanged, RestoreNotFound
from infrastructure.printable import printable
from projections.history.event_words import event_in_words

STATUS_ON_PAGES = {404: 422, 412: 409}
"""A page is there even if what the form names is not, and has no `If-Match`."""
LONGEST_MESSAGE = 500
"""Characters of the sentence that says what was recorded."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def act(request: HttpRequest, id: UUID, action: str) -> HttpResponse:
    """Explain an action, ask for confirmation, and record it."""
    for_readers(request)
    if not request.user.has_perm(f"api.{roles.RECORD}"):
        raise PermissionDenied(RecordsRestores.message)
    if action not in ACTIONS:
        raise Http404
    page = ActionPage(request, ACTIONS[action], _restore(id))
    if page.action.name == "amend" and not page.column:
        return page.columns()
    return page.sent() if request.method == "POST" else page.shown(page.form())


def _restore(id: UUID) -> OneRestore:
    try:
        return read_restore(str(id))
    except RestoreNotFound as error:
        raise Http404 from error


@dataclass
class ActionPage:
    """The page of one action for one request."""

    request: HttpRequest
    action: Action
    one: OneRestore

    @property
    def column(self) -> str:
        """The column to correct; empty if none is chosen, or there is no such one."""
        asked = self.request.GET.get("column", "")
        known = self.action.name == "amend" and asked in {
            column.member for column in amendable_columns(self.one)
        }
        return asked if known else ""

    def form(self, data: Mapping[str, Any] | None = None) -> ActionForm:
        if self.column:
            return amend_form(data, self.one, self.column)
        form = ActionForm(data, self.action.body, self.action.asked)
        if self.action.name == "interrupt" and self.one.heartbeat:
            form.fields["failed_at"].initial = as_typed(self.one.heartbeat.last_at)
        return form

    def columns(self) -> HttpResponse:
        """The choice of a column to correct."""
        context = {"action": self.action, "one": self.one, "columns": amendable_columns(self.one)}
        return render(self.request, "api/restores/columns.html", context)

    def sent(self) -> HttpResponse:
        """What the form leads to: an event and the restore's page, or this page again."""
        sent = SentForm(self.request.POST)
        form = self.form(self.request.POST)
        if not sent.is_valid():
            form.add_error(None, "The form did not arrive whole. Nothing was recorded.")
            return self.shown(form, 422)
        key, version = sent.cleaned_data["key"], sent.cleaned_data["version"]
        before = recorded_by_form(self.one.aggregate, key)
        if before is not None:
            self._tell(before, "This form was recorded before, and not once more")
            return redirect("restore", self.one.restore_id)
        if version != self.one.aggregate.version:
            return self.shown(form, 409, key=key, since=version)
        if self._refusal():
            return self.shown(form, 409, key=key)
        if not form.is_valid():
            return self.shown(form, 422, key=key)
        try:
            done = self.action.record(
                self.one.restore_id,
                **form.for_service(),
                actor=self.request.user.get_username(),
                correlation=key,
                request_id=str(key),
                expected_versions={version},
            )
        except RestoreChanged:
            # Somebody was faster by a moment; perhaps it was this form, sent twice.
            self.one = _restore(self.one.restore_id)
            return self.sent()
        except RestoreLogError as error:
            status = refused(form, error)
            return self.shown(form, STATUS_ON_PAGES.get(status, status), key=key)
        self._tell(done.what.events[-1], "Recorded")
        if done.behind:
            messages.warning(self.request, "Not all tables show it yet. Look again in a moment.")
        return redirect("restore", self.one.restore_id)

    def shown(
        self, form: ActionForm, status: int = 200, *, key: Any = None, since: int | None = None
    ) -> HttpResponse:
        """The page with this form. `since` is the version after which somebody else recorded."""
        seen = None if since is None else dict(enumerate(self.one.positions, 1)).get(since, 0)
        context = {
            "action": self.action,
            "one": self.one,
            "form": form,
            "key": key or uuid4(),
            "refusal": self._refusal(),
            "changed": seen is not None,
            "since": [] if seen is None else [s for s in self.one.steps if s.position > seen],
            "column": next(
                (one for one in amendable_columns(self.one) if one.member == self.column), None
            ),
        }
        return render(self.request, "api/restores/action.html", context, status=status)

    def _refusal(self) -> str:
        """Why the restore's state does not allow the action; empty if it does."""
        error = self.one.aggregate.refusal(self.action.command)
        return "" if error is None else error.message.said(on_page)

    def _tell(self, event: Event, how: str) -> None:
        """The message for the restore's page: what is in the log now."""
        words = printable(event_in_words(event, self.one.name))
        told = f"{how}, at position {event.position:,}: {recorded_by(event)} {words}"
        messages.success(self.request, told[:LONGEST_MESSAGE])
