"""404 and 500 handlers: below `/api/` these answers are problems in JSON, too."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.defaults import page_not_found, server_error
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from api.problems import respond

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
