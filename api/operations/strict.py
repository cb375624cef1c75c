"""Checks of every request before it is read, and common headers of the API's responses.

Under `/api/` an error is a problem in JSON, also where Django would answer by itself. Responses
must not be cached: the audit trail is confidential.
"""

import codecs
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.core.exceptions import DisallowedHost, RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.request import UnreadablePostError
from django.views.defaults import bad_request

from api import problems
from api.error_handlers import API, unavailable

FORM = "application/x-www-form-urlencoded"
TOO_LARGE = "The body is larger than {most} bytes, which is the limit."
NOT_UTF8 = "The {part} is not UTF-8. Percent-encode the bytes of UTF-8, such as %C3%A9 for é."


class StrictRequests:
    """The first middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        of_api = request.path_info.startswith(API)
        response = refusal(request, of_api) or self.get_response(request)
        if of_api:
            response = _problem_instead(request, response)
            response.headers["Cache-Control"] = "no-store"
        if not response.streaming and response.status_code >= HTTPStatus.BAD_REQUEST:
            # The middleware that sets this header may not have seen the response.
            response.headers.setdefault("Content-Length", str(len(response.content)))
        # Pages with a refusal in them do not say it themselves.
        for name, value in problems.retry_headers(response.status_code, "").items():
            response.headers.setdefault(name, value)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The answer to a request for a page whose view lost its database."""
        return unavailable(request, exception)


def refusal(request: HttpRequest, of_api: bool) -> HttpResponse | None:
    """The refusal of a request that cannot be read correctly; None if it can."""
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if _length(request) > most:
        detail = TOO_LARGE.format(most=most)
        return problems.respond(request, 413, "body_too_large", detail)
    part = _not_utf8(request)
    if part is not None:
        if of_api:
            detail = NOT_UTF8.format(part=part)
            return problems.respond(request, 400, "not_utf8", detail)
        return bad_request(request, ValueError(part))
    if not of_api:
        return None
    try:
        request.get_host()
    except DisallowedHost:
        detail = "The service does not answer to this Host. See ALLOWED_HOSTS in its settings."
        return problems.respond(request, 400, "host_unknown", detail)
    if not _is_utf8(request.content_params.get("charset", "utf-8")):
        detail = "Bodies are JSON in UTF-8; the Content-Type names another charset."
        return problems.respond(request, 415, "unsupported_charset", detail)
    return None


def is_utf8(percent_encoded: bytes) -> bool:
    """Whether a path or a query is valid UTF-8."""
    try:
        unquote_to_bytes(percent_encoded).decode()
    except UnicodeDecodeError:
        return False
    return True


def _not_utf8(request: HttpRequest) -> str | None:
    """Which part of the request is not valid UTF-8; Django would put U+FFFD in its place."""
    path, query = _sent(request)
    if not is_utf8(path):
        return "path"
    if not is_utf8(query):
        return "query"
    if request.content_type == FORM:
        try:
            return None if is_utf8(request.body) else "form"
        except (RequestDataTooBig, UnreadablePostError):
            # The code that reads the form reports it.
            return None
    return None


def _sent(request: HttpRequest) -> tuple[bytes, bytes]:
    """The raw path and query: ASGI keeps them, WSGI passes bytes on as Latin-1."""
    scope = getattr(request, "scope", None)
    if scope is not None:
        return scope.get("raw_path") or scope["path"].encode(), scope["query_string"]
    meta = request.META
    return (
        # Django has decoded it already, and written bytes that are not valid UTF-8 as %FF.
        request.path_info.encode(),
        meta.get("QUERY_STRING", "").encode("latin-1", "replace"),
    )


def _length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _is_utf8(charset: str) -> bool:
    try:
        return codecs.lookup(charset.strip("\"' ")).name in ("utf-8", "ascii")
    except (LookupError, ValueError):
        return False


def _problem_instead(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Replace an error that is not DRF's, such as Django's page for an unreadable form."""
    status = response.status_code
    ours = response.headers.get("Content-Type", "").startswith(problems.MEDIA_TYPE)
    if status < HTTPStatus.BAD_REQUEST or ours or hasattr(response, "accepted_renderer"):
        return response
    if settings.DEBUG and status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return response
    phrase = HTTPStatus(status).phrase
    code = {400: "bad_request", 403: "permission_denied", 404: "not_found"}.get(
        status, phrase.lower().replace(" ", "_")
    )
    return problems.respond(request, status, code, f"The request was refused: {phrase}.")
