"""Long values: cut in lists and rows, and streamed in full at their own URLs.

Only one piece of a value is in memory at a time; each is read from the database. If the row changes
meanwhile, the response breaks off, which a client notices because HTTP does not end it properly.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from asgiref.sync import sync_to_async
from django.db.models import BinaryField, F, Func, IntegerField, Model, TextField, Value
from django.http import StreamingHttpResponse
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request

from infrastructure.event_store.shortened_json import PIECE

MOST_BYTES = 4_000_000
"""The limit for a page's long values; a page ends before it would exceed this."""

TRUNCATED = {
    "type": "object",
    "description": "Only if values are cut: by column, each one's length and the URL of all of it.",
    "additionalProperties": {
        "type": "object",
        "required": ["length", "unit", "whole"],
        "properties": {
            "length": {"type": "integer"},
            "unit": {"enum": ["characters", "bytes"]},
            "whole": {"type": ["string", "null"], "format": "uri"},
        },
    },
}


class Anything(BaseContentNegotiation):
    """Accepts any format in the request: a stream has only one; errors are problems."""

    def select_renderer(
        self, request: Request, renderers: list[Any], format_suffix: str | None = None
    ) -> tuple[Any, str]:
        return renderers[0], renderers[0].media_type


class RowChanged(Exception):
    """The row whose text is being sent has changed."""


def _in_place(function: str, of: Func, compiler: Any, *numbers: int) -> Any:
    """SQL for a function of `infrastructure.long_values`, which does not load the value.

    NULL, which these functions cannot look into, stays NULL.
    """
    column = of.source_expressions[0]
    rowid = f"{compiler.quote_name_unless_alias(column.alias)}.rowid"
    field = column.target
    places = ", %s" * len(numbers)
    there = f"{compiler.compile(column)[0]} IS NOT NULL"
    return f"CASE WHEN {there} THEN {function}(%s, %s, {rowid}{places}) END", (
        *(field.model._meta.db_table, field.column),
        *numbers,
    )


def _is_binary(of: Func) -> bool:
    return isinstance(of.source_expressions[0].output_field, BinaryField)


class Size(Func):
    """The length of a text in characters, or of a binary value in bytes, without reading it."""

    function = "LENGTH"
    output_field = IntegerField()

    def __init__(self, column: str) -> None:
        super().__init__(F(column))

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        if _is_binary(self):
            return self.as_sql(compiler, connection, **context)
        return _in_place("restorelog_length", self, compiler)


class Part(Func):
    """`count` characters or bytes of a value from `start` on, the first being 1.

    For a text, SQLite counts and returns bytes.
    """

    function = "SUBSTR"

    def __init__(self, column: str, start: int, count: int, **kwargs: Any) -> None:
        super().__init__(F(column), Value(start), Value(count), **kwargs)
        self.start, self.count = start, count

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return _in_place("restorelog_piece", self, compiler, self.start, self.count)


class Beginning(Part):
    """The beginning of a value, `count` characters or bytes."""

    def __init__(self, column: str, count: int, **kwargs: Any) -> None:
        super().__init__(column, 1, count, **kwargs)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        if _is_binary(self):
            return super().as_sqlite(compiler, connection, **context)
        return _in_place("restorelog_head", self, compiler, self.count)


def cut_value(length: int, unit: str, whole: str | None) -> dict[str, Any]:
    """The member of `truncated` for one value."""
    return {"length": length, "unit": unit, "whole": whole}


def text_pieces(row: Model, column: str) -> Iterator[bytes]:
    """The pieces of a text of this version of a row, in UTF-8."""
    model, start = type(row), 1
    while True:
        part = Part(column, start, PIECE, output_field=TextField())
        found = model._base_manager.filter(pk=row.pk, version=row.version)  # type: ignore[attr-defined]
        piece = found.annotate(_part=part).values_list("_part", flat=True).first()
        if piece is None:
            raise RowChanged(f"{model._meta.label} {row.pk}")
        if piece:
            yield piece if isinstance(piece, bytes) else piece.encode()
        if len(piece) < PIECE:
            return
        start += PIECE


def stream_pieces(
    request: Request,
    pieces: Callable[[], Iterator[bytes]],
    media_type: str,
    close: Callable[[], None] = lambda: None,
) -> StreamingHttpResponse:
    """A response of these pieces, each read after the previous one has been sent.

    `close` is called at the end, also if the client disconnected before it received anything.
    """
    asynchronous = hasattr(request._request, "scope")
    content: Any = _asynchronous(pieces()) if asynchronous else pieces()
    response = StreamingHttpResponse(content, content_type=media_type)
    response._resource_closers.append(close)
    return response


async def _asynchronous(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    following = sync_to_async(lambda: next(pieces, None))
    while (piece := await following()) is not None:
        yield piece
