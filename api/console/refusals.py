"""An error of a service, on the form that led to it."""

from http import HTTPStatus

from django import forms

from api.problems import as_problem, note
from api.remedies import on_page
from domain.errors import RestoreLogError
from infrastructure.maintenance.runs import MaintenanceRunning


def refused(form: forms.Form, error: RestoreLogError) -> int:
    """Show the error on the form; returns the response's status."""
    form.add_error(None, error.message.said(on_page))
    return status_of(error)


def status_of(error: RestoreLogError) -> int:
    """The status of a page that shows this error. A fault is noted in the server's own log."""
    if isinstance(error, MaintenanceRunning):
        return HTTPStatus.CONFLICT
    problem = as_problem(error)
    assert problem is not None
    if problem["status"] >= HTTPStatus.INTERNAL_SERVER_ERROR:
        note(error)
    return int(problem["status"])
