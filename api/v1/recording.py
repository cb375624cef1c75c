"""What the routes that record have in common: who may, what is read, and how it is answered."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from api.permissions import RecordsRestores
from api.v1 import correlation, idempotency
from api.v1.bodies.fields import StrictText, WholeNumber
from api.v1.bodies.strict import StrictSerializer
from api.v1.etags import IF_MATCH, etag
from api.v1.filters.backend import StrictParameters


class CommandBody(StrictSerializer):
    """What every command takes. A member that is null counts as not given."""

    on_behalf_of = StrictText(
        required=False,
        allow_null=True,
        max_length=255,
        help_text="The person for whom a program records this. The events keep both: the actor is "
        "always the login.",
    )
    reason = StrictText(
        required=False, allow_null=True, max_length=1000, help_text="Why, for the audit trail."
    )
    sequence = WholeNumber(
        required=False,
        allow_null=True,
        min_value=1,
        help_text="The number that the recording program gives to this command, among its commands "
        "on this restore or backup. If the log has it already, the first answer is given again, at "
        "any time later, and nothing is recorded. Another command with the same number is refused "
        "with `sequence_taken`.",
    )


class Recording(StrictParameters, GenericAPIView):
    """A route that records with POST. The actor is the login, whatever the body says.

    A view that also reads overrides nothing: reading asks for the usual permission.
    """

    body: ClassVar[type[StrictSerializer]] = CommandBody

    def get_permissions(self) -> list[BasePermission]:
        return [RecordsRestores()] if self.request.method == "POST" else super().get_permissions()

    def known_parameters(self) -> frozenset[str]:
        """POST takes no query parameters: what is meant stands in the body."""
        return frozenset() if self.request.method == "POST" else super().known_parameters()

    def given(self, request: Request) -> dict[str, Any]:
        """The members of the body that are not null, and what the headers say of the request."""
        body = self.body(data=request.data)
        body.is_valid(raise_exception=True)
        told = {name: value for name, value in body.validated_data.items() if value is not None}
        return {**told, "actor": request.user.get_username(), **correlation.correlated(request)}


def answered(response: Response, headers: Mapping[str, str]) -> Response:
    """The response to a recording, with the row's version as its ETag."""
    response["ETag"] = etag(response.data["version"])
    for name, value in headers.items():
        response[name] = value
    return response


def documented(
    name: str,
    body: type[StrictSerializer],
    row: type[serializers.Serializer],
    tag: str,
    *,
    makes: bool = False,
) -> Any:
    """The schema of a route that records; of one that `makes` something new, if so."""
    headers = [] if makes else [IF_MATCH]
    done = (HTTPStatus.CREATED if makes else HTTPStatus.OK).value
    return extend_schema(
        operation_id=name,
        tags=[tag],
        parameters=[idempotency.PARAMETER, *headers, *correlation.PARAMETERS],
        request=body,
        responses={
            done: row,
            HTTPStatus.ACCEPTED.value: OpenApiResponse(
                row,
                "It was recorded; not all tables are at `position` yet. The row is what the log "
                "says.",
            ),
        },
    )
