"""A list that takes too long is answered, and says how to ask for less."""

from collections.abc import Callable
from typing import Any

from tests.api.conftest import Reader
from tests.api.rows import legacy, put, restore

WIDE = '{"zone":"' + "eu" * 2_000 + '"}'


def test_a_list_that_takes_too_long_says_how_to_narrow_it(
    viewer: Reader, settings: Callable[[str, Any], None]
):
    put(*(restore(id, extra=WIDE) for id in range(1, 2_001)))
    settings("LIST_SECONDS", 0.001)
    problem = viewer.problem(
        "restores/", 503, **{"extra.zone": "us", "status": "completed", "ordering": "name"}
    )
    assert problem["code"] == "list_too_slow"
    assert problem["costly"] == ["extra.zone", "ordering"]
    assert problem["narrowing"] == ["created_at_after", "created_at_before", "target_database"]
    assert "within 0.001 seconds" in problem["detail"]
    assert "add a filter, such as created_at_after" in problem["detail"]


def test_the_limit_ends_with_the_list(viewer: Reader, settings: Callable[[str, Any], None]):
    put(*(restore(id, extra=WIDE) for id in range(1, 2_001)))
    put(legacy(1))
    settings("LIST_SECONDS", 0.001)
    viewer.problem("restores/", 503, **{"extra.zone": "us"})
    # On the same connection, without a limit: to count these takes as long.
    assert viewer.json("restores/7/")["id"] == 7
    settings("LIST_SECONDS", 60)
    assert viewer.ids("restores/", **{"extra.zone": "us"}) == []
