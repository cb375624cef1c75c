"""The filter backend, and the refusal of unknown parameters."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request

from api.problems import BadParameter
from api.v1.filters.extra import NAME, PARAMETERS, by_extra, is_extra

ALWAYS = frozenset({"format"})


class RowFilters(DjangoFilterBackend):
    """django-filter's backend; the browsable API explains the filters in the schema instead."""

    def to_html(self, request: Request, queryset: Any, view: Any) -> None:
        return None

    def get_filterset_class(self, view: Any, queryset: Any = None) -> Any:
        """The view's own: it also filters other tables with these columns, as of a position."""
        return getattr(view, "filterset_class", None)

    def get_filterset(self, request: Request, queryset: Any, view: Any) -> Any:
        """The filters of the request; the view keeps them, for what its answer says of them."""
        view.filters = super().get_filterset(request, queryset, view)
        if view.filters is not None:
            view.filters.now = getattr(view, "now", None)
        return view.filters


class ExtraFilters(BaseFilterBackend):
    """`extra.NAME`, on the lists whose rows have an `extra`."""

    def filter_queryset(self, request: Request, queryset: Any, view: Any) -> Any:
        return by_extra(request, queryset) if has_extra(view) else queryset

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return PARAMETERS if has_extra(view) else []


def has_extra(view: Any) -> bool:
    """Whether the rows of this list have the host's other columns in `extra`."""
    return "extra" in getattr(getattr(view, "filterset_class", None), "base_filters", {})


def refuse_unknown_parameters(
    request: Request, known: frozenset[str], reasons: Mapping[str, str] | None = None
) -> None:
    """400 for a query parameter that is not known, or is given twice; 404 for an empty format.

    If a filter were ignored, the response would be wrong. `reasons` say why a parameter that one
    may expect is not known.
    """
    known |= ALWAYS
    if request.query_params.get("format") == "":
        raise Http404  # as for any other format that there is not
    for name, values in request.query_params.lists():
        if name not in known and not (NAME in known and is_extra(name)):
            why = (reasons or {}).get(name, f"Known: {', '.join(sorted(known))}.")
            raise BadParameter(
                "unknown_parameter", f"There is no parameter {name!r} here. {why}", name
            )
        if len(values) > 1:
            raise BadParameter("repeated_parameter", f"Parameter {name!r} is given twice.", name)


class StrictParameters:
    """For views: every query parameter is known, or the request is refused."""

    detail_parameters: frozenset[str] = frozenset()
    unknown_because: Mapping[str, str] = {}
    """Why a parameter that one may expect is not known here."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        refuse_unknown_parameters(request, self.known_parameters(), self.unknown_because)

    def known_parameters(self) -> frozenset[str]:
        filterset = getattr(self, "filterset_class", None)
        pagination = getattr(self, "pagination_class", None)
        known = set(self.detail_parameters)
        if filterset is not None:
            known |= set(filterset.base_filters)
        if has_extra(self):
            known.add(NAME)
        if pagination is not None:
            known |= pagination.parameters
        return frozenset(known)
