"""The lists of tables that can be exported, and the columns of their files."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db import models
from django.db.models import QuerySet
from rest_framework.request import Request

from api.v1.keyset import Keyset
from api.v1.long_values import Beginning, Size
from api.v1.orderings import COMPUTED
from api.v1.pagination import ordering
from api.v1.restores.serializers import KNOWN_BY_FIELD, OF_VERSIONS
from api.v1.rows import ROW_SHOWN
from infrastructure.event_store.shortened_json import beginning
from infrastructure.exports.columns import FileColumn, Kind

KINDS: tuple[tuple[type[models.Field], Kind], ...] = (
    (models.BooleanField, "boolean"),
    (models.IntegerField, "integer"),
    (models.DateTimeField, "time"),
    (models.UUIDField, "uuid"),
)
TRUNCATED = FileColumn("truncated", "text")
"""The last column of a file: the names of the columns whose value is cut, separated by commas."""
JSON = "extra"
"""The column that holds JSON."""


class TableColumns(NamedTuple):
    """What is read of each row of a list, and made of it."""

    fields: Mapping[str, str]
    """The names of the file's columns, with those of the table."""
    long: tuple[str, ...]
    """Those that may be long. Their values are cut where those of a single row are."""
    model: type[models.Model]

    @classmethod
    def of(
        cls, fields: Mapping[str, str], long: tuple[str, ...], rows: QuerySet[Any]
    ) -> "TableColumns":
        """The columns of a list of these rows: versions of rows have more, and so do rows with
        what a version says of them."""
        model = rows.model
        own = {field.attname for field in model._meta.concrete_fields} | {*rows.query.annotations}
        more = {name: name for name in OF_VERSIONS if name in own and name not in fields}
        return cls({**fields, **more}, long, model)

    @property
    def columns(self) -> list[FileColumn]:
        """The columns of a file."""
        return [*(FileColumn(name, self._kind(of)) for name, of in self.fields.items()), TRUNCATED]

    def read(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The rows as tuples: the short columns, then the beginnings of the long ones and their
        lengths."""
        parts = {
            f"{name}_part": Beginning(name, ROW_SHOWN, output_field=models.TextField())
            for name in self.long
        }
        lengths = {f"{name}_length": Size(name) for name in self.long}
        short = [of for name, of in self.fields.items() if name not in self.long]
        return rows.annotate(**parts, **lengths).values_list(*short, *parts, *lengths)

    def row(self, read: tuple[Any, ...]) -> list[Any]:
        """A row of the file, from what was read."""
        count = len(self.fields) - len(self.long)
        short = iter(read[:count])
        parts = dict(zip(self.long, read[count : count + len(self.long)], strict=True))
        lengths = zip(self.long, read[count + len(self.long) :], strict=True)
        cut = [name for name, length in lengths if length and length > len(parts[name])]
        if JSON in cut:
            parts[JSON] = beginning(parts[JSON].encode()).decode()
        values = [parts[name] if name in parts else next(short) for name in self.fields]
        return [*values, ",".join(cut)]

    def _kind(self, column: str) -> Kind:
        if column == JSON:
            return "json"
        if column == KNOWN_BY_FIELD:
            return "text"
        field = self.model._meta.get_field(column)
        return next((kind for type_, kind in KINDS if isinstance(field, type_)), "text")


def ordered(rows: QuerySet[Any], request: Request, view: Any) -> QuerySet[Any]:
    """The rows in the order that the request asks for, as in the list."""
    model: type[models.Model] = view.queryset.model
    columns = Keyset.of(model, ordering(request.query_params, view, model)).columns
    names = {column.field.attname for column in columns}
    rows = rows.alias(**{name: COMPUTED[name] for name in names & COMPUTED.keys()})
    return rows.order_by(*(column.order_by(False) for column in columns))
