"""The filter `ever=`: restores that had a status at any time."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from api.v1.filters import kinds
from projections.row_versions.freshness import refuse_if_behind
from projections.row_versions.models import RestoreVersion


class Ever(kinds.Text):
    """Restores with this status now or earlier, by the versions of their rows."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if value is None:
            return qs
        versions = RestoreVersion.objects.filter(status=value, restore_id=OuterRef("restore_id"))
        if qs.model is RestoreVersion:
            # A list as of a position: up to the version that was valid there.
            return qs.filter(Exists(versions.filter(valid_from__lte=OuterRef("valid_from"))))
        refuse_if_behind(qs.db)
        return qs.filter(Exists(versions))
