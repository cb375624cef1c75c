"""The statistics of restores."""

from datetime import UTC, datetime

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.v1.filters.backend import StrictParameters
from api.v1.statistics.parameters import NAMES, PARAMETERS, question_of
from api.v1.statistics.serializers import StatisticsSerializer
from projections.statistics.answer import answer


class Statistics(StrictParameters, APIView):
    """Success rate, durations and numbers of restores, over an interval and by groups.

    A restore counts at its end; while it runs, at its start; before that, when it was requested.
    """

    detail_parameters = NAMES

    @extend_schema(
        operation_id="statistics_retrieve",
        tags=["statistics"],
        parameters=PARAMETERS,
        responses=StatisticsSerializer,
    )
    def get(self, request: Request) -> Response:
        return Response(answer(question_of(request), datetime.now(UTC)))
