"""Errors as problem details (RFC 9457): `application/problem+json` with a stable `code`."""

import logging
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import set_rollback

from api.remedies import at_terminal, over_rest
from domain.errors import DomainError, RestoreLogError
from infrastructure.databases.own_database import ReadOnlyDatabase, refuses_writes
from infrastructure.databases.redaction import in_one_line, one_line

MEDIA_TYPE = "application/problem+json"
MEMBERS = ("type", "title", "status", "code", "detail")
STATUS_OF_ERROR = {
    "restore_not_found": HTTPStatus.NOT_FOUND,
    "backup_not_found": HTTPStatus.NOT_FOUND,
    "restore_id_ambiguous": HTTPStatus.CONFLICT,
    "backup_id_ambiguous": HTTPStatus.CONFLICT,
    "restore_changed": HTTPStatus.PRECONDITION_FAILED,
    "backup_changed": HTTPStatus.PRECONDITION_FAILED,
    # What is said cannot be so, whatever the state:
    **dict.fromkeys(
        (
            *("quarantine_not_accepted", "reason_missing", "actor_unreadable"),
            *("time_in_future", "end_before_start", "restore_too_long", "start_missing"),
            *("attribute_invalid", "warnings_miscounted", "checksum_invalid"),
            *("nothing_to_amend", "column_not_amendable", "backup_not_named"),
        ),
        HTTPStatus.UNPROCESSABLE_ENTITY,
    ),
    # The state does not allow it:
    **dict.fromkeys(
        (
            *("restore_exists", "backup_exists", "restore_not_pending", "restore_not_running"),
            *("restore_finished", "restore_not_completed", "restore_belongs_to_host"),
            *("backup_belongs_to_host", "backup_expired", "sequence_taken"),
        ),
        HTTPStatus.CONFLICT,
    ),
    # The request cannot be understood:
    **dict.fromkeys(
        ("interval_invalid", "too_many_days", "not_of_backups"), HTTPStatus.BAD_REQUEST
    ),
    "host_unreachable": HTTPStatus.BAD_GATEWAY,
    # Problems of the host in its present state:
    **dict.fromkeys(
        (
            *("another_host", "not_a_host", "missing_columns", "source_is_the_service"),
            *("nothing_to_identify", "key_not_integer", "key_too_large", "too_many_vanished"),
            *("rows_hidden", "rows_missing", "limit_not_lifted", "key_column_not_integer"),
            *("columns_unsettled", "columns_not_settled", "stream_conflict"),
        ),
        HTTPStatus.CONFLICT,
    ),
    # Another process is at work, or the setup is incomplete: the request may be repeated.
    **dict.fromkeys(
        (
            *("rebuild_running", "switch_blocked", "import_elsewhere", "imported_meanwhile"),
            *("no_source", "bad_source_url", "no_signing_key", "database_lost"),
            *("log_lost_events", "head_file_unusable", "clock_ahead", "transaction_pooling"),
            *("read_only_database", "cannot_save", "cannot_write", "disk_full", "reading_ended"),
            *("unusable_key", "unknown_time_zone", "search_building", "versions_behind"),
            *("statistics_not_ready", "statistics_too_slow", "export_busy", "export_too_slow"),
            "export_failed",
        ),
        HTTPStatus.SERVICE_UNAVAILABLE,
    ),
    "no_room_for_export": HTTPStatus.INSUFFICIENT_STORAGE,
}
"""Statuses by code. Other errors of the domain's rules are a conflict; all others are a fault."""

RETRY_AFTER = {
    "too_busy": 1,
    **dict.fromkeys(
        (
            *("rebuild_running", "switch_blocked", "import_elsewhere", "imported_meanwhile"),
            *("reading_ended", "database_unavailable", "search_building"),
            *("statistics_not_ready", "export_busy", "projections_not_ready"),
        ),
        2,
    ),
    "too_many_streams": 10,
}
"""Seconds after which to repeat a request that got 503 with one of these codes: what is in its way
passes by itself."""
RETRY_LATE = 60
"""The same for all other codes: somebody has to remove the cause, or to ask for less."""

logger = logging.getLogger(__name__)


class Problem(exceptions.APIException):
    """A refusal with its own code and any other data that a client can use.

    `more` becomes extension members of the problem, such as `parameter`.
    """

    def __init__(self, status: int, code: str, detail: str, **more: Any) -> None:
        super().__init__(detail, code)
        self.status_code = status
        self.code = code
        self.more = more


class BadParameter(Problem):
    """A query parameter that cannot be understood; `parameter` names it."""

    def __init__(self, code: str, detail: str, parameter: str, **more: Any) -> None:
        super().__init__(HTTPStatus.BAD_REQUEST, code, detail, parameter=parameter, **more)


def body(status: int, code: str, detail: str, **more: Any) -> dict[str, Any]:
    """The members of a problem. `about:blank` says that the title is the status's own phrase."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "code": code,
        "detail": detail,
        **more,
    }


def handle(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler. None, which becomes a 500, for unexpected errors."""
    problem = as_problem(exc)
    if problem is not None and problem["status"] >= HTTPStatus.INTERNAL_SERVER_ERROR:
        note(exc)
    if problem is None:
        return None
    set_rollback()
    status = problem["status"]
    response = Response(problem, status=status, headers=_headers(exc, problem))
    request = context["request"]
    if getattr(getattr(request, "accepted_renderer", None), "format", None) != "api":
        # A problem is always JSON, even if the request asks for YAML.
        request.accepted_renderer = JSONRenderer()
        request.accepted_media_type = JSONRenderer.media_type
        response.content_type = MEDIA_TYPE
    return response


def respond(request: HttpRequest, status: int, code: str, detail: str, **more: Any) -> HttpResponse:
    """A problem as a Django response, for errors outside of DRF's views."""
    return JsonResponse(
        body(status, code, detail, **more),
        status=status,
        content_type=MEDIA_TYPE,
        headers=retry_headers(status, code),
    )


def retry_headers(status: int, code: str) -> dict[str, str]:
    """`Retry-After`, which every response with 503 has."""
    if status != HTTPStatus.SERVICE_UNAVAILABLE:
        return {}
    return {"Retry-After": str(RETRY_AFTER.get(code, RETRY_LATE))}


def as_problem(exc: Exception) -> dict[str, Any] | None:
    """The problem for an exception; None for unexpected errors."""
    match exc:
        case Problem():
            return body(exc.status_code, exc.code, str(exc.detail), **exc.more)
        case exceptions.ValidationError():
            errors = dict(_errors("", exc.detail))
            return body(400, "invalid", _summary(errors), errors=errors)
        case exceptions.APIException():
            return body(exc.status_code, str(exc.get_codes()), str(exc.detail))
        case Http404():
            return body(404, "not_found", "There is nothing here.")
        case PermissionDenied():
            return body(403, "permission_denied", "You may not do this.")
        case RestoreLogError():
            rule = HTTPStatus.CONFLICT if isinstance(exc, DomainError) else 500
            status = STATUS_OF_ERROR.get(exc.code, rule)
            return body(status, exc.code, exc.message.said(over_rest), **exc.facts)
        case DatabaseError() if refuses_writes(exc):
            return as_problem(ReadOnlyDatabase())
        case OperationalError() | InterfaceError():
            return body(503, "database_unavailable", "The database does not answer; try again.")
    return None


def note(exc: Exception) -> None:
    """Write the error to the server's own log."""
    if isinstance(exc, RestoreLogError):
        logger.error("%s: %s", exc.code, in_one_line(exc.message.said(at_terminal)))
    elif isinstance(exc, OperationalError | InterfaceError):
        # The driver's message may name hosts and users, so it belongs only in the log.
        # Not as a traceback, which would repeat PostgreSQL's details of the row.
        logger.error("The database did not answer: %s", one_line(exc))


def _headers(exc: Exception, problem: dict[str, Any]) -> dict[str, str]:
    headers = {}
    if challenge := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(exc, "wait", None):
        headers["Retry-After"] = str(int(wait))
    return {**retry_headers(problem["status"], problem["code"]), **headers}


def _errors(name: str, detail: Any) -> Iterator[tuple[str, list[str]]]:
    """What is wrong with each member, and with each member of it, such as `changes.status`."""
    match detail:
        case dict():
            for inner, more in detail.items():
                yield from _errors(f"{name}.{inner}" if name else str(inner), more)
        case list() if any(isinstance(one, dict | list) for one in detail):
            yield from _errors(name, {number: one for number, one in enumerate(detail) if one})
        case list():
            yield name, [str(one) for one in detail]
        case _:
            yield name, [str(detail)]


def _summary(errors: dict[str, list[str]]) -> str:
    return " ".join(f"{name}: {' '.join(told)}" for name, told in errors.items())
