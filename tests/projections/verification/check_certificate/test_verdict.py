"""The check refuses a verdict that does not follow from the counts."""

from types import ModuleType
from typing import Any

import pytest

from tests.projections.verification.check_certificate.small_certificate import (
    LABEL,
    Json,
    certificate,
    changed,
    quarantine,
    table,
    unequal,
)


def test_equal_is_what_the_counts_make_it(the_check: ModuleType):
    the_check.consistent(certificate())


def test_it_is_still_equal_if_all_quarantined_rows_were_accepted(the_check: ModuleType):
    the_check.consistent(changed(quarantine))


def test_more_may_have_been_accepted_than_there_is(the_check: ModuleType):
    the_check.consistent(changed(lambda content: content["quarantined"].update(accepted=5)))


@pytest.mark.parametrize(
    "counts",
    [
        {"rows": 2, "digest": "1" * 64, "unexpected": 1},
        {"rows": 0, "digest": "1" * 64, "missing": 1},
        {"rows": 3, "digest": "1" * 64, "unexpected": 3, "missing": 1},
        {"digest": "1" * 64, "differing": 1},
        {"differing": 1},
    ],
)
def test_a_table_that_differs_makes_it_not_equal(the_check: ModuleType, counts: Json):
    the_check.consistent(unequal(table(**counts)))
    with pytest.raises(the_check.Refused) as refused:
        the_check.consistent(changed(table(**counts)))
    assert str(refused.value) == "the certificate says equal, and its counts say otherwise"


def test_one_table_that_differs_is_enough(the_check: ModuleType):
    def first_of_two(content: Json) -> None:
        same = content["projections"][LABEL]
        content["projections"] = {"app.First": {**same, "differing": 1}, LABEL: same}

    the_check.consistent(unequal(first_of_two))


@pytest.mark.parametrize("cause", ["projection_wrong", "host_changed"])
def test_so_does_a_difference_of_either_cause(the_check: ModuleType, cause: str):
    def one(content: Json) -> None:
        content["differences"][cause] = 1

    the_check.consistent(unequal(one))
    with pytest.raises(the_check.Refused, match="says equal, and its counts say otherwise"):
        the_check.consistent(changed(one))


def test_so_does_a_problem_that_is_in_no_row(the_check: ModuleType):
    def one(content: Json) -> None:
        content["problems"] = ["The log's chain is broken at position 3"]

    the_check.consistent(unequal(one))
    with pytest.raises(the_check.Refused, match="says equal, and its counts say otherwise"):
        the_check.consistent(changed(one))


@pytest.mark.parametrize("accepted", [0, 2])
def test_so_do_quarantined_rows_unless_just_as_many_were_accepted(
    the_check: ModuleType, accepted: int
):
    def one(content: Json) -> None:
        quarantine(content, accepted=accepted)

    the_check.consistent(unequal(one))
    with pytest.raises(the_check.Refused, match="says equal, and its counts say otherwise"):
        the_check.consistent(changed(one))


def test_a_verdict_that_is_worse_than_the_counts_is_refused_too(the_check: ModuleType):
    with pytest.raises(the_check.Refused) as refused:
        the_check.consistent(unequal())
    assert str(refused.value) == "the certificate says not equal, and its counts say otherwise"


@pytest.mark.parametrize(
    ("counts", "why"),
    [
        ({"digest": "1" * 64}, "its digest is not the expected one, and yet no row differs"),
        ({"rows": 2}, "its digest is not the expected one, and yet no row differs"),
        ({"rows": 2, "differing": 1}, "its counts do not add up"),
        ({"rows": 1, "missing": 1}, "its counts do not add up"),
        ({"rows": 1, "unexpected": 1}, "its counts do not add up"),
    ],
)
def test_counts_that_contradict_each_other_are_refused(
    the_check: ModuleType, counts: Json, why: str
):
    with pytest.raises(the_check.Refused) as refused:
        the_check.consistent(unequal(table(**counts)))
    assert str(refused.value) == f"{LABEL}: {why}"


def test_every_quarantined_row_has_to_be_listed(the_check: ModuleType):
    def unlisted(content: Json) -> None:
        quarantine(content)
        content["differences"]["quarantined"] = 2

    with pytest.raises(the_check.Refused, match="not every quarantined row is listed"):
        the_check.consistent(changed(unlisted))


def test_the_tables_have_to_count_the_rows_that_are_listed(the_check: ModuleType):
    def uncounted(content: Json) -> None:
        quarantine(content)
        content["projections"][LABEL]["quarantined"] = 0

    with pytest.raises(the_check.Refused, match="count other quarantined rows than those"):
        the_check.consistent(changed(uncounted))


def list_two(content: Json, count: int, **second: Any) -> None:
    """Two entries for what no table can hold; `second` is in what the second one differs."""
    quarantine(content, count=count, accepted=count)
    (row,) = content["quarantined"]["rows"]
    content["quarantined"]["rows"] = [row, {**row, **second}]
    content["differences"]["quarantined"] = 2
    content["projections"][LABEL]["quarantined"] = 2


@pytest.mark.parametrize("count", [0, 2])
def test_a_quarantined_row_is_accepted_only_as_the_one_that_it_is(
    the_check: ModuleType, count: int
):
    content = changed(lambda content: quarantine(content, count=count, accepted=count))
    with pytest.raises(the_check.Refused, match="counts other quarantined rows than it lists"):
        the_check.consistent(content)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_two_rows_of_a_table_are_no_other_number(the_check: ModuleType, count: int):
    content = changed(lambda content: list_two(content, count, pk=10))
    with pytest.raises(the_check.Refused, match="counts other quarantined rows than it lists"):
        the_check.consistent(content)
    the_check.consistent(changed(lambda content: list_two(content, 2, pk=10)))


@pytest.mark.parametrize("count", [1, 2])
def test_a_row_of_each_of_two_tables_may_be_the_same_row(the_check: ModuleType, count: int):
    the_check.consistent(changed(lambda content: list_two(content, count, table="app.Other")))


def test_so_may_two_with_the_same_key(the_check: ModuleType):
    the_check.consistent(changed(lambda content: list_two(content, 1, column="name")))
