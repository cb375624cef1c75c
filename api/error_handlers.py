"""What is answered where no view does: below `/api/` a problem in JSON, elsewhere a page."""

from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse
from django.views.defaults import page_not_found, server_error
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from api.problems import as_problem, note, respond, retry_headers
from api.refused_page import refused_page
from api.remedies import on_page
from domain.errors import RestoreLogError

API = "/api/"


@extend_schema(exclude=True)
class Nowhere(APIView):
    """There is nothing at this address."""

    name = "Not found"

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        # Authentication comes first: 401 without a login, for every address.
        super().initial(request, *args, **kwargs)
        raise Http404


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404."""
    if request.path.startswith(API):
        return respond(request, 404, "not_found", "There is nothing here.")
    return page_not_found(request, exception)


def failed(request: HttpRequest) -> HttpResponse:
    """Django's handler500. The error is in the server's log, not in the response."""
    if request.path.startswith(API):
        return respond(request, 500, "internal_error", "Something went wrong on our side.")
    return server_error(request)


def unavailable(request: HttpRequest, exception: Exception) -> HttpResponse | None:
    """The answer of a service without its database, or that cannot do this now: 503.

    None for other errors. Most of REST's own are answered before; not those of its pages.
    """
    problem = as_problem(exception)
    if problem is None or problem["status"] != HTTPStatus.SERVICE_UNAVAILABLE:
        return None
    note(exception)
    if request.path.startswith(API):
        return respond(request, problem["status"], problem["code"], problem["detail"])
    told = problem["detail"]
    if isinstance(exception, RestoreLogError):
        told = exception.message.said(on_page)
    page = refused_page(problem["status"], told, was_form=request.method not in ("GET", "HEAD"))
    headers = retry_headers(problem["status"], problem["code"])
    return HttpResponse(page, status=problem["status"], headers=headers)
