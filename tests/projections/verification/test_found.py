"""What a projection's table holds, as it is read: some rows at a time, and as cells when needed."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from projections.verification.actual.readers.base import ReadColumn, Row, Wanted
from projections.verification.actual.rows import BEYOND, FoundRows, Stored, wanted_of
from projections.verification.cells import Values
from projections.verification.chunks import ComparedChunk
from projections.verification.expected.schema import ColumnKind, ExpectedTable, Kind, Rule

ID = ColumnKind("integer", 100)
WORD = ColumnKind("text", 20, null=True)
FLAG = ColumnKind("boolean")


def table(*columns: tuple[str, ColumnKind]) -> ExpectedTable:
    """A table of the service with these columns."""
    rules = tuple(Rule(name, holds, name, name) for name, holds in columns)
    return ExpectedTable("notes.Note", "notes_note", "legacy", "restore", rules)


NOTES = table(("id", ID), ("word", WORD), ("flag", FLAG))


class Batches:
    """A service whose table comes in these batches of rows."""

    def __init__(self, *batches: list[Row]) -> None:
        self.batches = batches
        self.asked: list[tuple[str, Sequence[Wanted]]] = []

    def columns(self, table: str) -> list[ReadColumn]:
        there = {"notes_note": "bool", "notes_new": "boolean"}
        return [
            ReadColumn("flag", there[table]),
            ReadColumn("id", "int"),
            ReadColumn("word", "text"),
        ]

    def stream(self, table: str, wanted: Sequence[Wanted]) -> Iterator[list[Row]]:
        self.asked.append((table, wanted))
        return iter(self.batches)


def reading(*batches: list[Row]) -> FoundRows:
    """The rows of `NOTES` that come in these batches."""
    return FoundRows(Batches(*batches), NOTES)  # type: ignore[arg-type]


def ids(*keys: object) -> list[Row]:
    """A batch of rows with these ids."""
    return [(key, f"word {key}", 1) for key in keys]


def words(stored: Stored) -> list[Any]:
    return list(stored.values[1])


# --- some rows at a time ---------------------------------------------------------------------


def test_the_table_hands_out_its_rows_as_far_as_an_id() -> None:
    found = reading(ids(1, 2, 5, 9))
    assert found.upto(5).ids == [1, 2, 5]
    assert found.upto(8).ids == []
    assert found.upto(9).ids == [9]


def test_rows_that_come_in_several_batches_are_handed_out_together() -> None:
    found = reading(ids(1, 2), ids(3, 4), ids(5, 6), ids(7, 8))
    first = found.upto(5)
    assert first.ids == [1, 2, 3, 4, 5]
    assert first.values == [
        (1, 2, 3, 4, 5),
        ("word 1", "word 2", "word 3", "word 4", "word 5"),
        (1, 1, 1, 1, 1),
    ]
    assert first.table is NOTES
    second = found.upto(7)
    assert (second.ids, words(second)) == ([6, 7], ["word 6", "word 7"])
    assert second.table is NOTES


def test_a_table_with_no_rows_left_hands_out_none() -> None:
    found = reading()
    nothing = found.upto(BEYOND)
    assert (nothing.ids, nothing.values) == ([], [(), (), ()])
    assert list(found.rest()) == []


def test_the_rest_is_what_no_id_asked_for() -> None:
    found = reading(ids(1, 2), ids(3))
    assert found.upto(1).ids == [1]
    assert [(stored.ids, words(stored)) for stored in found.rest()] == [
        ([2], ["word 2"]),
        ([3], ["word 3"]),
    ]
    assert list(found.rest()) == []


def test_an_id_that_is_no_integer_has_its_place_among_integers() -> None:
    found = reading(ids(1, 2.5, 3, "four", b"five"))
    assert found.upto(2).ids == [1, 2]
    (rest,) = found.rest()
    assert rest.ids == [3, BEYOND, BEYOND]
    assert rest.values[0] == (3, "four", b"five")


def test_no_integer_column_holds_an_id_beyond_all_ids() -> None:
    assert BEYOND == 9_223_372_036_854_775_808


def test_the_columns_are_read_in_the_order_of_the_rules() -> None:
    service = Batches()
    FoundRows(service, NOTES)  # type: ignore[arg-type]
    assert service.asked == [
        (
            "notes_note",
            [
                Wanted(ReadColumn("id", "int"), "integer"),
                Wanted(ReadColumn("word", "text"), "text"),
                Wanted(ReadColumn("flag", "bool"), "boolean"),
            ],
        )
    ]


def test_a_table_that_is_still_being_built_is_read_where_it_is() -> None:
    service = Batches()
    FoundRows(service, NOTES, "notes_new")  # type: ignore[arg-type]
    ((place, wanted),) = service.asked
    assert place == "notes_new"
    assert wanted == wanted_of(service, NOTES, "notes_new")  # type: ignore[arg-type]
    assert wanted[2] == Wanted(ReadColumn("flag", "boolean"), "boolean")


# --- whether they are the rows that must be there --------------------------------------------


def stored(*columns: Values) -> Stored:
    """Rows of `NOTES` as the table holds them; a flag is 0 or 1 in SQLite."""
    return Stored(NOTES, list(columns[0]), list(columns))


def chunk(
    word: str | None = "b", key: int = 2, raw: bool = True, amended: bool = False
) -> ComparedChunk:
    """Two rows that must be there, of which the second says this."""
    return ComparedChunk(
        [1, key],
        [["i1:1", f"i1:{key}"], ["t1:a", "-" if word is None else f"t1:{word}"], ["b1:1", "b1:0"]],
        raw=((1, key), ("a", word), (True, False)) if raw else (),
        amended=amended,
    )


AS_THEY_MUST = stored((1, 2), ("a", "b"), (1, 0))


def test_stored_rows_are_cells_when_they_are_asked_for() -> None:
    cells = stored((1, 2), ("a", "b"), (1, 0)).chunk
    assert cells.ids == [1, 2]
    assert cells.columns == [["i1:1", "i1:2"], ["t1:a", "t1:b"], ["b1:1", "b1:0"]]


def test_a_part_of_stored_rows_has_the_same_columns() -> None:
    part = AS_THEY_MUST.part(1, 2)
    assert (part.ids, part.values, part.table) == ([2], [(2,), ("b",), (0,)], NOTES)


@pytest.mark.parametrize("raw", [True, False])
def test_rows_that_say_what_the_host_says_are_equal(raw: bool) -> None:
    assert AS_THEY_MUST.equals(chunk(raw=raw)) is True
    assert stored((1, 2), ("a", None), (1, 0)).equals(chunk(None, raw=raw)) is True


@pytest.mark.parametrize("raw", [True, False])
def test_rows_that_say_something_else_are_not_equal(raw: bool) -> None:
    assert AS_THEY_MUST.equals(chunk("c", raw=raw)) is False
    assert AS_THEY_MUST.equals(chunk(None, raw=raw)) is False
    assert AS_THEY_MUST.equals(chunk(key=3, raw=raw)) is False
    assert stored((1, 2), ("a", "b"), (1, 1)).equals(chunk(raw=raw)) is False


def test_an_amended_row_is_held_to_the_amendment_and_not_to_the_host() -> None:
    must = chunk(amended=True)
    must.columns[1][1] = "t7:amended"
    assert AS_THEY_MUST.equals(must) is False
    assert stored((1, 2), ("a", "amended"), (1, 0)).equals(must) is True


def test_a_value_of_another_type_is_not_the_host_s_although_python_calls_them_equal() -> None:
    must = chunk()
    assert stored((True, 2), ("a", "b"), (1, 0)).equals(must) is False
    assert stored((1.0, 2), ("a", "b"), (1, 0)).equals(must) is False


def test_the_host_s_own_values_may_be_of_fewer_columns() -> None:
    must = chunk()
    must.raw = must.raw[:1]
    assert AS_THEY_MUST.equals(must) is True
    assert stored((1, 2), ("a", "c"), (1, 0)).equals(must) is False


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("integer", (7, None)),
        ("text", ("a", None)),
        ("person", ("7", None)),
        ("extra", ("{}", "{}")),
        ("uuid", ("0" * 32, "1" * 32)),
    ],
)
def test_columns_that_store_what_the_host_says_need_no_cells(kind: Kind, said: Values) -> None:
    """That is what makes a verification of equal tables quick."""
    rows = Stored(table(("id", ColumnKind(kind, 255))), [1, 2], [said])
    assert rows.equals(ComparedChunk([1, 2], [["not", "looked at"]], raw=(said,))) is True


def test_flags_and_times_are_stored_otherwise_and_always_compared_as_cells() -> None:
    said = ("2024-02-29 12:00:00", None)
    rows = Stored(table(("at", ColumnKind("time", null=True))), [1, 2], [said])
    cells = [["d26:2024-02-29T12:00:00.000000", "-"]]
    assert rows.equals(ComparedChunk([1, 2], cells, raw=(said,))) is True
    assert rows.equals(ComparedChunk([1, 2], [["-", "-"]], raw=(said,))) is False
