"""`Idempotency-Key`: a request that is sent again is answered as it was the first time.

What is kept is an answer that says something of the request: done, or refused. Answers that ask
to try again (503), and faults, are not; the same key may then be sent again. A client whose
connection broke while the service was at work therefore repeats the request until it gets one.
"""

import re
from collections.abc import Callable
from hashlib import sha256
from http import HTTPStatus
from typing import Any

import msgspec
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from api import problems
from api.models import Answer
from api.problems import Problem

FORM = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)
PARAMETER = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Any text of the client's, 1 to 255 printable ASCII characters without blanks. "
    "The same key and body are given the first answer again; another body is refused with 422.",
)


def once(request: Request, act: Callable[[], dict[str, Any]]) -> Response:
    """Do it and answer with what it returns, unless this account's key had an answer already."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return Response(_plain(act()))
    if not FORM.fullmatch(key):
        raise Problem(
            HTTPStatus.BAD_REQUEST,
            "idempotency_key_invalid",
            "An Idempotency-Key has 1 to 255 printable ASCII characters and no blanks.",
        )
    asked = _digest(request)
    known = Answer.objects.filter(user=request.user, key=key).first()
    if known is not None:
        return _again(known, asked)
    try:
        answer = _plain(act())
    except Exception as error:
        problem = problems.as_problem(error)
        if problem is not None and problem["status"] < HTTPStatus.INTERNAL_SERVER_ERROR:
            kept = {"asked": asked, "status": problem["status"], "body": problem}
            Answer.objects.get_or_create(user=request.user, key=key, defaults=kept)
        raise
    # Another request with this key may have been refused since this one was done: this counts.
    kept = {"asked": asked, "status": HTTPStatus.OK, "body": answer}
    Answer.objects.update_or_create(user=request.user, key=key, defaults=kept)
    return Response(answer)


def _again(known: Answer, asked: str) -> Response:
    if known.asked != asked:
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "idempotency_key_reused",
            "This Idempotency-Key came with another request before. Use a new one.",
        )
    if known.status == HTTPStatus.OK:
        return Response(known.body)
    more = {name: value for name, value in known.body.items() if name not in problems.MEMBERS}
    raise Problem(known.status, known.body["code"], known.body["detail"], **more)


def _digest(request: Request) -> str:
    """Which request it is, whatever the order of its body's members."""
    said = [request.method, request.path, request.data]
    return sha256(msgspec.json.encode(said, order="deterministic")).hexdigest()


def _plain(answer: dict[str, Any]) -> dict[str, Any]:
    """As JSON has it, so that the answer is the same the second time."""
    return msgspec.json.decode(msgspec.json.encode(answer), type=dict[str, Any])
