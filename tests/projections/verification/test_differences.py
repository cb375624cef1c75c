"""What a comparison keeps of its differences, its counts, and its digests of rows."""

from projections.verification.chunks import Overruled
from projections.verification.differences import Cause, Difference, Differences, Digest, Tally

NO_ROWS = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""SHA-256 of nothing."""
TWO_ROWS = "b8f93cebfadd0468c96a9e2d7bbecc09771ee695b0ac23e5975a4925ac1f1c4b"
STRANGE_ROW = "ba90a33b14fb7b0c5aa1e713e935b0108ec440ccc5e83ef20e60ace3df0d3741"


def digest(*rows: str) -> Digest:
    made = Digest()
    made.add(rows)
    return made


def difference(pk: int, cause: Cause = "projection_wrong") -> Difference:
    return Difference("system_backups.RestoreLog", pk, "name", "a", "b", cause)


# --- digests ---------------------------------------------------------------------------------


def test_a_digest_is_over_the_digest_of_each_row_in_order() -> None:
    assert str(Digest()) == NO_ROWS
    assert str(digest("i1:1t1:a", "i1:2t5:käse")) == TWO_ROWS
    assert str(digest("i1:2t5:käse", "i1:1t1:a")) != TWO_ROWS


def test_a_digest_grows_by_some_rows_at_a_time() -> None:
    grown = digest("i1:1t1:a")
    grown.add(["i1:2t5:käse"])
    assert str(grown) == TWO_ROWS


def test_text_that_is_no_utf8_is_digested_by_its_bytes() -> None:
    assert str(digest("t1:\udcff")) == STRANGE_ROW


def test_rows_that_both_sides_have_are_added_to_both_digests() -> None:
    one, other = digest("i1:1t1:a"), Digest()
    one.same_as(other, ["i1:2t5:käse"])
    assert str(one) == TWO_ROWS
    assert str(other) == str(digest("i1:2t5:käse"))


# --- counts ----------------------------------------------------------------------------------


def test_a_table_that_nobody_looked_at_yet_counts_nothing() -> None:
    assert Tally().as_json() == {
        "expected": 0,
        "found": 0,
        "missing": 0,
        "unexpected": 0,
        "differing": 0,
        "recorded_here": 0,
        "quarantined": 0,
        "host_changed": 0,
        "amended_over_host": 0,
        "digest_expected": NO_ROWS,
        "digest_found": NO_ROWS,
    }


def test_every_count_stands_under_its_own_name() -> None:
    tally = Tally(1, 2, 3, 4, 5, 6, 7, 8)
    tally.digest_found.add(["i1:1t1:a", "i1:2t5:käse"])
    assert tally.as_json() == {
        "expected": 1,
        "found": 2,
        "missing": 3,
        "unexpected": 4,
        "differing": 5,
        "recorded_here": 6,
        "quarantined": 7,
        "host_changed": 8,
        "amended_over_host": 0,
        "digest_expected": NO_ROWS,
        "digest_found": TWO_ROWS,
    }


def test_a_row_with_two_amended_columns_is_one_row_amended_over_the_host() -> None:
    tally = Tally()
    for pk, column in ((7, "name"), (7, "message"), (8, "name")):
        tally.overruled.append(Overruled(pk, column, "t1:h", "t1:a"))
    assert tally.as_json()["amended_over_host"] == 2


# --- differences -----------------------------------------------------------------------------


def test_all_differences_are_counted_but_only_the_first_are_kept() -> None:
    found = Differences(2)
    for pk in (1, 2, 3):
        found.add(difference(pk))
    found.add(difference(4, "quarantined"))
    assert [kept.pk for kept in found.kept] == [1, 2]
    assert found.total == 4
    assert found.by_cause == {"projection_wrong": 3, "quarantined": 1}


def test_without_a_limit_every_difference_is_kept() -> None:
    found = Differences(None)
    found.add(difference(1))
    found.add(difference(2, "host_changed"))
    assert found.kept == [difference(1), difference(2, "host_changed")]
    assert found.total == 2


def test_with_a_limit_of_none_at_all_they_are_counted_still() -> None:
    found = Differences(0)
    found.add(difference(1))
    assert (found.kept, found.total) == ([], 1)
