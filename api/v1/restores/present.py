"""The filter `present=`: rows in the table of restores, or also those that are left out of it."""

from typing import Any, Final

from django.db.models import QuerySet

from api.v1.filters.vocabulary import Word
from projections.row_versions.models import RestoreVersion

TRUE: Final = "true"
FALSE: Final = "false"
ANY: Final = "any"
NAME: Final = "present"


class Present(Word):
    """Rows of restores that are in the table, that are not, or both.

    Those that are not have versions only: a list of them is one of versions.
    """

    def __init__(self) -> None:
        super().__init__(
            (TRUE, FALSE, ANY),
            label="`any`: also restores whose row vanished from the host or is quarantined, marked "
            "with the reason; `false`: only these. By default `true`.",
        )

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if value is None or value == ANY:
            return qs
        if qs.model is RestoreVersion:
            return qs.filter(present=value == TRUE)
        return qs if value == TRUE else qs.none()
