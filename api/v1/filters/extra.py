"""The filter `extra.NAME=`: rows by a column of the host that has no column here."""

from typing import Any

from django.core.exceptions import ValidationError as FieldError
from django.db.models import QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from api.v1.filters.fields import TextField, TruthField
from api.v1.filters.kinds import TEXT
from projections.extra_columns import having, without

PREFIX = "extra."
ABSENT = "_isnull"
NAME = "extra.NAME"
"""The name of all these parameters in documents and errors."""

PARAMETERS = [
    {
        "name": NAME,
        "in": "query",
        "required": False,
        "description": (
            "Rows whose `extra` has the host's column NAME with this value, such as "
            "`extra.is_overwrite=true`. Text and whole numbers are found as they are written, "
            'tagged values (`{"$": kind, "v": text}`) by their text; `true` finds 1 as well, '
            "`false` 0, and the other way round. `extra.NAME_isnull=true`: rows where it is null "
            "or missing. Several are combined; each reads every row's `extra`."
        ),
        "schema": TEXT,
    }
]


def is_extra(parameter: str) -> bool:
    return parameter.startswith(PREFIX) and len(parameter) > len(PREFIX)


def by_extra(request: Request, queryset: QuerySet[Any]) -> QuerySet[Any]:
    """The rows that match every `extra.NAME` of the request; 400 for an invalid value."""
    for parameter, asked in request.query_params.items():
        if not is_extra(parameter):
            continue
        try:
            queryset = having_extra(queryset, parameter, asked)
        except FieldError as error:
            raise ValidationError({parameter: error.messages}) from error
    return queryset


def having_extra(queryset: QuerySet[Any], parameter: str, asked: str) -> QuerySet[Any]:
    """The rows that match one `extra.NAME`. Raises Django's ValidationError."""
    name = parameter.removeprefix(PREFIX)
    TextField().clean(name)
    if name.endswith(ABSENT) and name != ABSENT:
        absent = TruthField().clean(asked)
        return without(queryset, name.removesuffix(ABSENT), absent)
    return having(queryset, name, TextField(required=False).clean(asked))
