"""`Idempotency-Key`: a request that is sent again is answered as it was the first time.

The key is reserved before anything is done, and the answer is committed in the transaction that
records the event. So however often a request comes, and whenever a process dies, there is one
event, and an answer if and only if there is the event.

Kept is an answer that says something of the request: done, or refused. Answers that ask to try
again (503), and faults, are not; the same key may then be sent again. A client whose connection
broke while the service was at work therefore repeats the request until it gets one.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from typing import Any

import msgspec
from django.db import IntegrityError
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from api import problems
from api.models import IdempotentResponse
from api.problems import Problem
from infrastructure.databases.reservation import reserve
from projections.services.appending import bring_up_to_date

FORM = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)
RETRY_AFTER = 1
"""Seconds after which a request that found another one at work is worth sending again."""
PARAMETER = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Any text of the client's, 1 to 255 printable ASCII characters without blanks. "
    "The same key and body are given the first answer again; another body is refused with 422. "
    "While the first is at work, others wait up to 10 seconds, then are refused with 409.",
)


@dataclass(frozen=True)
class Recorded:
    """An answer to a request that recorded an event.

    `version` is of the event's stream, `position` of the log. What `body` says of a row comes
    from the stream's own events: a table may be behind, or ahead.
    """

    body: dict[str, Any]
    version: int
    position: int
    status: int = HTTPStatus.OK


Keep = Callable[[Recorded], None]
"""To be called in the transaction that appends the event, once it is complete. Called again if the
transaction has to be repeated: the last answer counts."""


class InProgress(Problem):
    """A request with this key is at work, here or in another process."""

    wait = RETRY_AFTER

    def __init__(self) -> None:
        super().__init__(
            HTTPStatus.CONFLICT,
            "request_in_progress",
            "A request with this Idempotency-Key is still at work. Send the same again later.",
        )


def once(request: Request, act: Callable[[Keep], object]) -> Response:
    """Have `act` record its event and answer with what it kept, unless there is an answer already.

    Raises what `act` raises; `InProgress` while another request has the key.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        kept: list[Recorded] = []
        act(kept.append)
        return Response(_plain(kept[-1].body), kept[-1].status)
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


def _answer(request: Request, key: str, act: Callable[[Keep], object]) -> Response:
    """The answer that is known, or a new one. Nobody else is here with this key."""
    asked = _digest(request)
    answers = IdempotentResponse.objects.filter(user=request.user, key=key)
    known = answers.first()
    if known is None:
        _act(act, user=request.user, key=key, asked=asked)
        return _as_response(answers.get())
    if known.asked != asked:
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "idempotency_key_reused",
            "This Idempotency-Key came with another request before. Use a new one.",
        )
    if known.position is not None:
        # Whoever recorded it may have died before the tables showed it.
        bring_up_to_date()
    return _as_response(known)


def _act(act: Callable[[Keep], object], **which: Any) -> None:
    """Have it done, and keep the answer: with the event, or by itself if it is a refusal."""

    def keep(recorded: Recorded) -> None:
        facts = {**vars(recorded), "body": _plain(recorded.body)}
        try:
            IdempotentResponse.objects.create(**which, **facts)
        except IntegrityError as error:
            # The reservation was lost, and another request was faster. This ends the
            # transaction, so the event is not recorded a second time.
            raise InProgress from error

    try:
        act(keep)
    except InProgress:
        raise
    except Exception as error:
        problem = problems.as_problem(error)
        if problem is not None and problem["status"] < HTTPStatus.INTERNAL_SERVER_ERROR:
            IdempotentResponse.objects.get_or_create(
                user=which["user"],
                key=which["key"],
                defaults={"asked": which["asked"], "status": problem["status"], "body": problem},
            )
        raise


def _as_response(answer: IdempotentResponse) -> Response:
    """Raises the problem again if it was one."""
    if answer.status < HTTPStatus.BAD_REQUEST:
        return Response(answer.body, answer.status)
    more = {name: value for name, value in answer.body.items() if name not in problems.MEMBERS}
    raise Problem(answer.status, answer.body["code"], answer.body["detail"], **more)


def _digest(request: Request) -> str:
    """Which request it is, whatever the order of its body's members."""
    said = [request.method, request.path, request.data]
    return sha256(msgspec.json.encode(said, order="deterministic")).hexdigest()


def _plain(answer: dict[str, Any]) -> dict[str, Any]:
    """As JSON has it, so that the answer is the same the second time."""
    return msgspec.json.decode(msgspec.json.encode(answer), type=dict[str, Any])
