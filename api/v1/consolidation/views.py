"""The views of the consolidation's state and of its steps."""

from typing import Any, ClassVar

from django.http import HttpResponseRedirect
from django.urls import reverse
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api import steps
from api.permissions import RunsMigration
from api.remedies import over_rest
from api.v1 import idempotency
from api.v1.consolidation.serializers import (
    HISTORY,
    STATES,
    ContradictedSerializer,
    ReasonSerializer,
    StepSerializer,
    StepTakenSerializer,
    VerificationSerializer,
)
from api.v1.filters.backend import StrictParameters
from domain.messages import worded
from projections.consolidation.presentation import consolidation_as_json, step_as_json
from projections.consolidation.step_request import StepRequest
from projections.consolidation.step_run import Keep, Step


@extend_schema_field(HISTORY)
class History(serializers.ListField):
    """Every step, oldest first."""


class ConsolidationSerializer(serializers.Serializer):
    """How far the consolidation has come."""

    state = serializers.ChoiceField(STATES)
    since = serializers.DateTimeField(allow_null=True, help_text="Null while nothing has happened.")
    verification = VerificationSerializer()
    contradicted_certificates = ContradictedSerializer(
        many=True, help_text="Those that a later correction contradicts, oldest first."
    )
    warnings = serializers.ListField(
        child=serializers.CharField(), help_text="What is wrong with the log, if anything is."
    )
    history = History()


class ConsolidationDetail(StrictParameters, APIView):
    """The consolidation's state, whether its verification is current, and who did what."""

    @extend_schema(
        operation_id="consolidation_retrieve",
        tags=["consolidation"],
        responses=ConsolidationSerializer,
    )
    def get(self, request: Request) -> Response:
        return Response(worded(consolidation_as_json(), over_rest))


class StepView(StrictParameters, APIView):
    """A step, for those with permission. It answers when it is done, which can take minutes.

    The host is always the one in the service's own SOURCE_DATABASE_URL.
    """

    permission_classes = (RunsMigration,)
    page: ClassVar[str]
    takes: type[ReasonSerializer] = StepSerializer

    def step(self, asked: StepRequest, keep: Keep) -> Step:
        raise NotImplementedError

    def http_method_not_allowed(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        """Redirect a browser to the page on which the step is taken."""
        if request.method == "GET" and request.accepted_renderer.format == "api":
            return HttpResponseRedirect(reverse("step", args=[self.page]))
        return super().http_method_not_allowed(request, *args, **kwargs)

    def answer(self, request: Request) -> Response:
        body = self.takes(data=request.data)
        body.is_valid(raise_exception=True)
        asked = StepRequest(
            request.user.get_username(),
            body.validated_data.get("reason") or None,
            body.validated_data.get("accept_quarantined"),
        )
        return idempotency.once(
            request, lambda keep: self.step(asked, lambda step: keep(_recorded(step)))
        )


def _recorded(step: Step) -> idempotency.Recorded:
    return idempotency.Recorded(step_as_json(step), step.version, step.position)


def documented_step(name: str, takes: Any) -> Any:
    """The schema of a step."""
    return extend_schema(
        operation_id=f"consolidation_{name}",
        tags=["consolidation"],
        parameters=[idempotency.PARAMETER],
        request=takes,
        responses={
            200: StepTakenSerializer,
            202: OpenApiResponse(
                StepTakenSerializer, "It was taken; not all tables are at `position` yet."
            ),
        },
    )


class CutOverView(StepView):
    """Add the legacy rows to the consolidated tables, proven row by row, or change nothing."""

    page = "cut_over"

    @documented_step("cut_over", StepSerializer)
    def post(self, request: Request) -> Response:
        return self.answer(request)

    def step(self, asked: StepRequest, keep: Keep) -> Step:
        return steps.cut_over(asked, keep)


class RollBackView(StepView):
    """Take the legacy rows out again; the response lists what the legacy table cannot represent."""

    page = "roll_back"
    takes = ReasonSerializer

    @documented_step("roll_back", ReasonSerializer)
    def post(self, request: Request) -> Response:
        return self.answer(request)

    def step(self, asked: StepRequest, keep: Keep) -> Step:
        return steps.roll_back(asked, keep)


class RetireView(StepView):
    """End the migration permanently, with a final certificate. Needs a reason.

    The host must keep its legacy tables, unless `host_holds_legacy_rows` in the response says that
    its own consolidated table holds their rows.
    """

    page = "retire"

    @documented_step("retire", StepSerializer)
    def post(self, request: Request) -> Response:
        return self.answer(request)

    def step(self, asked: StepRequest, keep: Keep) -> Step:
        return steps.retire(asked, keep)
