"""`Idempotency-Key`: a repeated request gets the response of the first one.

The key is reserved before any work is done, and the response is committed in the transaction that
records the event. So there is one event, however often a request is sent and whenever a process
dies, and a response is stored if and only if the event is.

A response is stored if the request was done or refused. Responses that ask to try again (503), and
faults, are not stored; the same key may then be sent again. So a client whose connection broke
while the service was at work repeats the request until it gets a response.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from typing import Any, Protocol

import msgspec
from django.db import IntegrityError
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from api import problems
from api.models import IdempotentResponse
from api.problems import Problem
from infrastructure.databases.reservation import reserve
from projections.services.appending import Behind, bring_up_to_date

FORM = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)
RETRY_AFTER = 1
"""Seconds after which to repeat a request that found another one at work."""
PARAMETER = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": f"^{FORM.pattern}$"},
    OpenApiParameter.HEADER,
    description="Any text chosen by the client, 1 to 255 printable ASCII characters without "
    "blanks. The same key and body get the first response again; another body is refused with 422. "
    "While the first is at work, others wait up to 10 seconds, then are refused with 409.",
)


@dataclass(frozen=True)
class Recorded:
    """The response to a request that recorded an event.

    `version` is the stream's, `position` the log's. A row in `body` is folded from the stream's
    own events: a table may be behind, or ahead.
    """

    body: dict[str, Any]
    version: int
    position: int
    status: int = HTTPStatus.OK


Keep = Callable[[Recorded], None]
"""To be called at the end of the transaction that appends the event. Called again if the
transaction has to be repeated: the last response counts."""


class Done(Protocol):
    """What was done, and the tables that do not show it yet."""

    @property
    def behind(self) -> Behind: ...


class InProgress(Problem):
    """A request with this key is running, here or in another process."""

    wait = RETRY_AFTER

    def __init__(self) -> None:
        super().__init__(
            HTTPStatus.CONFLICT,
            "request_in_progress",
            "A request with this Idempotency-Key is still running. Send the same again later.",
        )


def once(request: Request, act: Callable[[Keep], Done | None]) -> Response:
    """Call `act`, which records its event, and return its response, or the one already stored.

    If `act` says that a table does not show it yet, the status is 202, and the body has the
    `position`. Raises the errors of `act`; `InProgress` while another request has the key.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        kept: list[Recorded] = []
        behind = _behind(act(kept.append))
        # Through JSON, as what is stored: a repeated response is the same.
        body = _read(_as_json(kept[-1].body))
        return _shown(body, kept[-1].status, kept[-1].position, behind)
    if not FORM.fullmatch(key):
        raise Problem(
            HTTPStatus.BAD_REQUEST,
            "idempotency_key_invalid",
            "An Idempotency-Key has 1 to 255 printable ASCII characters and no blanks.",
        )
    with reserve(f"Idempotency-Key {request.user.pk} {key}") as ours:
        if not ours:
            raise InProgress
        return _answer(request, key, act)


def _answer(request: Request, key: str, act: Callable[[Keep], Done | None]) -> Response:
    """The stored response, or a new one. No other request with this key is here."""
    asked = _digest(request)
    answers = IdempotentResponse.objects.filter(user=request.user, key=key)
    known = answers.first()
    if known is None:
        behind = _act(act, user=request.user, key=key, asked=asked)
        return _as_response(answers.get(), behind)
    if known.asked != asked:
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "idempotency_key_reused",
            "This Idempotency-Key was used for another request before. Use a new one.",
        )
    # The process that recorded it may have died before the tables showed it.
    return _as_response(known, {} if known.position is None else bring_up_to_date())


def _act(act: Callable[[Keep], Done | None], **which: Any) -> Behind:
    """Call `act` and store the response: with the event, or alone if it is a refusal."""

    def keep(recorded: Recorded) -> None:
        facts = {**vars(recorded), "body": _as_json(recorded.body)}
        try:
            IdempotentResponse.objects.create(**which, **facts)
        except IntegrityError as error:
            # The reservation was lost, and another request was faster. This error ends the
            # transaction, so the event is not recorded a second time.
            raise InProgress from error

    try:
        return _behind(act(keep))
    except InProgress:
        raise
    except Exception as error:
        problem = problems.as_problem(error)
        if problem is not None and problem["status"] < HTTPStatus.INTERNAL_SERVER_ERROR:
            IdempotentResponse.objects.get_or_create(
                user=which["user"],
                key=which["key"],
                defaults={
                    "asked": which["asked"],
                    "status": problem["status"],
                    "body": _as_json(problem),
                },
            )
        raise


def _behind(done: Done | None) -> Behind:
    return {} if done is None else done.behind


def _as_response(answer: IdempotentResponse, behind: Behind) -> Response:
    """Raises the problem again if it was one."""
    body = _read(answer.body)
    if answer.status < HTTPStatus.BAD_REQUEST:
        return _shown(body, answer.status, answer.position, behind)
    more = {name: value for name, value in body.items() if name not in problems.MEMBERS}
    raise Problem(answer.status, body["code"], body["detail"], **more)


def _shown(body: dict[str, Any], status: int, position: int | None, behind: Behind) -> Response:
    """The response, or 202 with the position that the tables have to reach."""
    if behind:
        return Response({**body, "position": position}, HTTPStatus.ACCEPTED)
    return Response(body, status)


def _digest(request: Request) -> str:
    """The request's digest, independent of the order of its body's members."""
    said = [request.method, request.path, request.data]
    return sha256(msgspec.json.encode(said, order="deterministic")).hexdigest()


def _as_json(body: dict[str, Any]) -> str:
    return msgspec.json.encode(body).decode()


def _read(body: str) -> dict[str, Any]:
    return msgspec.json.decode(body, type=dict[str, Any])
