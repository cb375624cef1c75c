"""What the lists of restores share: rows of the present or the past, and how many are left out."""

from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from rest_framework.generics import ListAPIView

from api.v1.filters.backend import StrictParameters
from api.v1.filters.extra import by_extra
from api.v1.restores import as_of, filters, serializers
from api.v1.restores.absent import left_out_at
from api.v1.restores.present import NAME as PRESENT
from api.v1.rows import heads, weight
from projections.row_versions.models import RestoreVersion
from projections.system_backups.models import RestoreLog

KNOWN_BY = Subquery(
    RestoreVersion.objects.filter(
        restore_id=OuterRef("restore_id"), version=OuterRef("version")
    ).values("is_overwrite_known_by")[:1]
)
"""How `is_overwrite` of a restore's row is known, by the version that the row is."""


class ListedRestores(StrictParameters, ListAPIView):
    """A list of restores, also as of a moment, also of those that are not in the table."""

    queryset = heads(RestoreLog)
    weight = staticmethod(weight)
    serializer_class = serializers.RestoreInListSerializer
    filterset_class = filters.RestoreFilters
    ordering_fields = filters.ORDERING
    default_ordering = ("-created_at",)
    interval_ordering = filters.BY_INTERVAL
    pagination_class = as_of.MomentPagination
    detail_parameters = frozenset({"as_of"})

    @cached_property
    def moment(self) -> as_of.ListMoment | None:
        """The moment of the list; None if it is of the present, and of the rows in the table."""
        return as_of.moment_of(self.request.query_params)

    @property
    def now(self) -> datetime | None:
        """From when on relative times count back; None if that is the present."""
        return None if self.moment is None else self.moment.time

    def chosen(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those of these rows that the list is about."""
        return rows

    def get_queryset(self) -> QuerySet[Any]:
        # Without a request, the schema asks.
        if self.request is None or self.moment is None:
            rows: QuerySet[Any] = super().get_queryset()
            return self.chosen(rows.annotate(is_overwrite_known_by=KNOWN_BY))
        versions = heads(RestoreVersion).defer("absent_row")
        return self.chosen(as_of.rows_at(versions, self.moment))

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those of these rows that match the request."""
        rows: QuerySet[Any] = super().filter_queryset(queryset)
        none = as_of.holds_none(self.moment, self.filters.form.cleaned_data)
        return rows.none() if none else rows

    def left_out(self) -> dict[str, int] | None:
        """How many rows match the request and are not in the table, by cause; None if the versions
        of rows have not come so far."""
        return left_out_at(self.moment, self._matching)

    def _matching(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those of these rows that the list would have, if they were in the table."""
        found = self.filters.filter_queryset(self.chosen(rows), without=frozenset({PRESENT}))
        return by_extra(self.request, found)
