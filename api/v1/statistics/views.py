"""The statistics of restores."""

from datetime import UTC, datetime

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.v1.filters.backend import StrictParameters
from api.v1.restores.as_of import moment_of
from api.v1.statistics.parameters import NAMES, PARAMETERS, question_of
from api.v1.statistics.serializers import StatisticsSerializer
from projections.history.as_of import time_meant
from projections.statistics.answer import answer
from projections.statistics.question import Then


class Statistics(StrictParameters, APIView):
    """Success rate, durations and numbers of restores, over an interval and by groups.

    A restore counts at its end; while it runs, at its start; before that, when it was requested.
    The database may take `LIST_SECONDS`.
    """

    detail_parameters = NAMES

    @extend_schema(
        operation_id="statistics_retrieve",
        tags=["statistics"],
        parameters=PARAMETERS,
        responses=StatisticsSerializer,
    )
    def get(self, request: Request) -> Response:
        moment, now = moment_of(request.query_params), datetime.now(UTC)
        then = None
        if moment is not None:
            then = Then(moment.position, moment.scope)
            now = time_meant(request.query_params["as_of"], moment.position, now)
        found = answer(question_of(request, then, now), now, seconds=settings.LIST_SECONDS)
        return Response(found if moment is None else {**found, "as_of": moment.shown})
