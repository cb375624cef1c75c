"""A warning in every response if the log is not the one that the head file remembers."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from api.remedies import on_page, over_rest
from infrastructure.databases.redaction import in_one_line
from infrastructure.event_store.head_file_updates import warning_of_late
from infrastructure.event_store.log import Log

WITHOUT_DATABASE = ("/healthz", settings.STATIC_URL)
"""How addresses begin whose responses need no database."""


class WarnOfLostEvents:
    """Adds `Warning: 299 restorelog "…"` (RFC 7234) while events are missing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path.startswith(WITHOUT_DATABASE) and (warning := warning_of_late(Log())):
            quoted = in_one_line(warning.said(over_rest)).replace("\\", "\\\\").replace('"', '\\"')
            response["Warning"] = f'299 restorelog "{quoted}"'
        return response


def log_warning(request: HttpRequest) -> dict[str, str]:
    """The same for pages: a context processor."""
    return {"log_warning": warning_of_late(Log()).said(on_page)}
