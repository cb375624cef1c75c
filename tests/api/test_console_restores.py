"""The pages of restores, as whoever looks for one at three in the morning uses them."""

import html
import re
from typing import Any

import pytest
from django.test import Client

from api import accounts
from projections.services import record
from tests.api.conftest import Reader
from tests.api.rows import NOON, hours, put, restore
from tests.support.statements import statements

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>\u202e{{ 7|add:7 }}"
LIMIT, STATEMENTS = 100_000, 12


@pytest.fixture
def person(database: str) -> Client:
    """A viewer with a browser."""
    client = Client()
    client.force_login(accounts.create("vic", roles=["viewer"]))
    return client


def page(client: Client, address: str, expect: int = 200) -> str:
    """The page at an address: small, made with few statements, and leading to no JSON."""
    with statements() as asked:
        response = client.get(address)
    assert response.status_code == expect, response.content.decode()[:2_000]
    assert len(response.content) < LIMIT, address
    of_it = of_page(asked)
    assert len(of_it) <= STATEMENTS, "\n".join(one[:110] for one in of_it)
    told = response.content.decode()
    assert not re.findall(r'href="/api/(?!v1/(?:exports|audit/events/export)/)', told)
    return told


def of_page(asked: list[str]) -> list[str]:
    """These statements without the transaction that says once a minute that a session is in use."""
    renewed = next((n for n, one in enumerate(asked) if one.startswith('UPDATE "django_ses')), None)
    if renewed is None:
        return asked
    return asked[: max(n for n, one in enumerate(asked[:renewed]) if one.startswith("BEGIN"))]


def names(told: str) -> list[str]:
    """The names in a list, from above."""
    return [
        html.unescape(one) for one in re.findall(r'<td class="main"><a[^>]*><bdi>(.*?)</bdi>', told)
    ]


def text(told: str) -> str:
    """What a page says, without tags."""
    return html.unescape(" ".join(re.sub(r"<[^>]*>", " ", told).split()))


def failed(name: str = "nightly orders", target: str = "orders", message: str = "disk full") -> Any:
    """A restore that ada asked for and grace ran, and that failed."""
    one = record.request_restore(
        name=name, actor="ada", target_database=target, reason="the monthly drill"
    ).what
    record.start_restore(one.id, actor="grace")
    record.fail_restore(one.id, actor="grace", message=message, exit_code=3)
    return one


def test_last_nights_failed_restore_is_one_search_and_one_click_away(person: Client):
    one = failed()
    put(restore(5, name="another", target_database="shop"))
    told = page(person, "/restores/?search=orders&status=failed&target_database=")
    assert names(told) == ["nightly orders"]
    assert "disk full" in told
    (address,) = set(re.findall(r'href="(/restores/[0-9a-f-]{36}/)"', told))
    assert address == f"/restores/{one.id}/"
    said = text(page(person, address))
    assert "✕" not in said  # signs are the style's
    assert "failed exit code 3" in said
    asked = (
        "ada requested the restore 'nightly orders' (database) into orders , because: the monthly"
    )
    assert asked in said
    assert "status: in_progress → failed" in said
    assert "recorded here, event 3" in said
    then = text(page(person, f"{address}?as_of=2"))
    assert "As of position 2 of the log." in then
    assert re.search(r"status in_progress in_progress recorded here, event 2", then)
    raw = text(page(person, f"{address}events/3/"))
    assert '"exit_code": 3' in raw
    assert re.search(r"Hash [0-9a-f]{64} Hash before it [0-9a-f]{64}", raw)


def test_a_list_has_the_rows_of_rest_for_the_same_query(person: Client, viewer: Reader):
    put(
        *(
            restore(
                id,
                name=f"restore {id}",
                status=("completed", "failed", "COMPLETED")[id % 3],
                is_overwrite=id % 2 == 0,
                target_database=("shop", "orders")[id % 2],
                started_at=NOON + hours(id),
                completed_at=NOON + hours(id + 1),
                duration_seconds=3_600,
                created_by_username="ada" if id % 4 else None,
            )
            for id in range(1, 13)
        )
    )
    for query in (
        "",
        "status=failed",
        "status_in=failed,completed&is_overwrite=true",
        "target_database=orders&ordering=created_at",
        "since=2025-06-01T15:00&until=2025-06-01T18:00",
        "created_by_username=ada&search=restore",
        "duration_seconds_min=60",
        "extra.no_such_column_isnull=true",
    ):
        expected = [
            row["name"] for row in viewer.json(f"restores/?{query}&page_size=50")["results"]
        ]
        assert names(page(person, f"/restores/?{query}")) == expected, query
        assert expected, query


def test_the_pages_of_a_list_have_each_row_once_forwards_and_back(person: Client):
    put(*(restore(id) for id in range(1, 121)))
    seen, pages, address = [], [], "/restores/"
    while address:
        pages.append(address)
        told = page(person, address)
        seen += names(told)
        following = re.findall(r'href="([^"]*)" rel="next"', told)
        address = f"/restores/{html.unescape(following[0])}" if following else ""
    assert seen == [f"restore {id}" for id in range(120, 0, -1)]
    assert len(pages) == 3
    (back,) = re.findall(r'href="([^"]*)" rel="prev"', told)
    assert names(page(person, f"/restores/{html.unescape(back)}")) == seen[50:100]


def test_what_cannot_be_listed_or_shown_is_said_in_words(person: Client):
    put(restore(1))
    assert "There is no filter 'stauts'." in text(page(person, "/restores/?stauts=failed", 400))
    assert "started at after: Give a time" in text(
        page(person, "/restores/?started_at_after=soon", 400)
    )
    assert "Begin with the first." in text(page(person, "/restores/?cursor=x", 400))
    assert 'role="alert"' in page(person, "/restores/?since=whenever", 400)
    assert "No restore matches." in page(person, "/restores/?search=nothing-like-it")
    one = failed()
    assert 'role="alert"' in page(person, f"/restores/{one.id}/?as_of=whenever", 400)
    for address in ("/restores/77/", "/restores/x/", f"/restores/{one.id}/events/99/"):
        assert person.get(address).status_code == 404


def test_without_restores_the_list_says_what_to_do_and_without_a_role_nothing(person: Client):
    assert "manage.py import_host" in page(person, "/restores/")
    one, stranger = failed(), Client()
    stranger.force_login(accounts.create("nobody"))
    for address in ("/restores/", f"/restores/{one.id}/", f"/restores/{one.id}/events/1/"):
        assert stranger.get(address).status_code == 403
        assert Client().get(address).status_code == 302


def test_text_that_hosts_and_programs_wrote_is_shown_and_never_obeyed(person: Client):
    one = failed(HOSTILE, HOSTILE[:100], HOSTILE)
    addresses = ("/restores/", f"/restores/{one.id}/", f"/restores/{one.id}/events/1/")
    for address in (*addresses, f"/restores/?search={HOSTILE}", f"/restores/?status={HOSTILE}"):
        told = page(person, address)
        assert "<script>alert" not in told
        assert "<img" not in told


def test_pages_stay_small_whatever_is_in_the_rows(person: Client):
    wide = "𝕏" * 255
    one = failed(wide, wide[:100], "line\n" * 100_000)
    put(
        *(
            restore(id, name=wide, target_database=wide[:100], message=wide * 4_000)
            for id in range(1, 61)
        )
    )
    assert len(names(page(person, "/restores/?status=completed"))) == 50
    assert len(names(page(person, "/restores/?present=any"))) == 1  # has a version
    page(person, f"/restores/{one.id}/")
    page(person, f"/restores/{one.id}/?as_of=2")


@pytest.mark.parametrize("name", ["", " ", "\u202e", "\u200b\n"])
def test_a_name_that_cannot_be_seen_is_said_to_be_none(person: Client, name: str):
    put(restore(1, name=name))
    assert "(no name)" in names(page(person, "/restores/"))[0]
    one = failed(name=name or " ")
    assert "(no name)" in text(page(person, f"/restores/{one.id}/"))
