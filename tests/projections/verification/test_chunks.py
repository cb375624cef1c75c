"""A batch of rows: whole rows, single rows, and which of them cannot stand in the table."""

import pytest

from projections.verification.chunks import CellViolation, ComparedChunk, Overruled


def test_a_row_is_its_cells_joined():
    chunk = ComparedChunk([7, 8], [["i1:7", "i1:8"], ["t1:a", "-"]])
    assert chunk.rows == ["i1:7t1:a", "i1:8-"]
    assert chunk.cells(0) == ["i1:7", "t1:a"]
    assert chunk.cells(1) == ["i1:8", "-"]


def test_columns_of_different_lengths_are_no_rows():
    with pytest.raises(ValueError, match="shorter"):
        _ = ComparedChunk([7, 8], [["i1:7", "i1:8"], ["t1:a"]]).rows


def test_a_row_is_unfit_by_the_first_column_that_cannot_hold_it():
    fits, unfit = "t1:a", "!"
    chunk = ComparedChunk(
        [7, 8, 9, 10],
        [
            ["i1:7", "i1:8", "i1:9", "i2:10"],
            [fits, unfit, fits, fits],
            [fits, unfit, unfit, fits],
        ],
    )
    assert chunk.unfit == {1: 1, 2: 2}
    assert ComparedChunk([7], [["i1:7"]]).unfit == {}


def test_what_keeps_a_row_out_is_the_host_s_value_unless_somebody_else_said_it():
    chunk = ComparedChunk(
        [7, 8, 9],
        [["i1:7", "i1:8", "i1:9"], ["!", "!", "t1:a"], ["!", "!", "!"]],
        raw=[(7, 8, 9), ("a\0", "b\0", "a"), (17, 18, 19)],
        misfits={
            (1, 1): CellViolation(1, "c\0", "here"),
            (0, 2): CellViolation(2, 27, "here"),  # the second column that cannot hold the row
            (2, 1): CellViolation(1, "d\0", "here"),  # what the row does not say in the end
        },
    )
    assert chunk.misfit(0) == (1, "a\0", "host")
    assert chunk.misfit(1) == (1, "c\0", "here")
    assert chunk.misfit(2) == (2, 19, "host")


def test_a_batch_keeps_what_it_was_given():
    overruled = [Overruled(7, "name", "a", "b")]
    chunk = ComparedChunk([7], [["i1:7"]], ["0" * 32], [(7,)], overruled, amended=True)
    assert (chunk.ids, chunk.columns) == ([7], [["i1:7"]])
    assert (chunk.streams, chunk.raw) == (["0" * 32], [(7,)])
    assert (chunk.overruled, chunk.amended) == (overruled, True)


def test_rows_are_the_host_s_own_unless_they_were_amended():
    assert ComparedChunk([7], [["i1:7"]]).amended is False
