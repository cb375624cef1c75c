"""What a request asks to be told of each event, besides the event itself."""

from typing import NamedTuple

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from api.problems import BadParameter

STORED, FULL = "stored", "full"
YES, NO = "true", "false"
PARAMETERS = [
    OpenApiParameter(
        "words", {"type": "boolean", "default": False}, description="Say in words what happened."
    ),
    OpenApiParameter(
        "changes",
        {"type": "boolean", "default": False},
        description="What each event changed in each table, as in a restore's trail.",
    ),
    OpenApiParameter(
        "proof",
        {"type": "string", "enum": [STORED]},
        description="`stored`: each event has its stored bytes and the hash before it.",
    ),
]
NAMES = frozenset(one.name for one in PARAMETERS)


class Asked(NamedTuple):
    """What is told of each event."""

    words: bool = False
    changes: bool = False
    proof: bool = False


def asked_for(request: Request) -> Asked:
    """What this request asks for; 400 for a word that means nothing."""
    return Asked(
        words=word_of(request, "words", YES, NO) == YES,
        changes=word_of(request, "changes", YES, NO) == YES,
        proof=word_of(request, "proof", STORED) == STORED,
    )


def word_of(request: Request, name: str, *words: str) -> str | None:
    """This parameter, if it is one of these words; else 400. None if it is not given."""
    asked = request.query_params.get(name)
    if asked is not None and asked not in words:
        raise BadParameter(f"{name}_invalid", f"{name} is one of: {', '.join(words)}.", name)
    return asked
