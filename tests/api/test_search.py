"""`search=` finds what an independent search in Python finds, with its index and without."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import psycopg
import pytest
from django.db import connection
from django.db.models import QuerySet

from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from projections.engine import search, version_cells
from projections.engine.checkpoints import live
from projections.engine.dialects.postgresql import SEARCH_LOCK
from projections.engine.dialects.sqlite_search import TrigramIndex, let_go_of_search
from projections.engine.generations import go_back
from projections.engine.models import Generation
from projections.engine.rebuild import rebuild
from projections.engine.registry import PROJECTIONS
from projections.engine.search import SearchState
from projections.row_versions.models import RestoreVersion
from projections.system_backups.models import RestoreLog
from tests.api.conftest import Reader
from tests.api.rows import backup, legacy, put, restore
from tests.builders import requested
from tests.support.plans import statements, whole_reads

LABEL = "system_backups.RestoreLog"
PIECES = (
    *("orders", "ORDERS", "Straße", "STRASSE", "Ümlaut", "ümlaut", "ΣΑΣ", "σας", "σασ", "Ж", "ж"),
    *(
        "100%",
        "_",
        "a_b",
        "\\",
        '"',
        "disk",
        "dis",
        "k",
        "K",
        "\u212aelvin",
        "İstanbul",
        "istanbul",
    ),
    *(
        "ab",
        "日本語",
        "日本",
        "😀x😀",
        "é",
        "É",
        "e\u0301",
        "eu",
        "{",
        ":",
        "null",
        "ﬁle",
        "ẞ",
        "ss",
    ),
)


def text(chance: random.Random, most: int) -> str:
    return chance.choice(["", " "]).join(
        chance.choice(PIECES) for _ in range(chance.randrange(most))
    )


def random_rows(chance: random.Random) -> list[Any]:
    rows = []
    for id in range(1, 41):
        extra = {text(chance, 2) or "x": text(chance, 3)}
        message = text(chance, 6)
        if id % 13 == 0:
            message = "x" * 19_990 + message + " the end of a long text"
        rows.append(
            restore(
                id,
                name=text(chance, 3),
                message=message,
                target_database=text(chance, 2),
                created_by_username=chance.choice([None, text(chance, 2)]),
                origin=chance.choice(["recorded", "consolidated"]),
                extra=msgspec.json.encode(extra).decode(),
            )
        )
    return rows


def fold(text: str) -> str:
    """Each character's own lower case."""
    return "".join(one.lower()[0] for one in text)


def expected(rows: list[Any], words: list[str]) -> list[int]:
    """The rows in which each word is in some text, by their ids."""

    def has(row: Any, word: str) -> bool:
        texts = (row.name, row.message or "", row.target_database, row.created_by_username or "")
        if any(fold(word) in fold(one) for one in texts):
            return True
        written = msgspec.json.encode(word).decode()[1:-1]
        return row.origin == "recorded" and fold(written) in fold(row.extra)

    return sorted(row.id for row in rows if all(has(row, word) for word in words))


@pytest.mark.parametrize("indexed", [True, False], ids=["with its index", "without"])
def test_search_finds_what_python_finds(viewer: Reader, indexed: bool):
    chance = random.Random(f"search {indexed}")
    if not indexed:
        without_index()
    assert search.state(PROJECTIONS[LABEL]) is (SearchState.READY if indexed else SearchState.NONE)
    rows = random_rows(chance)
    put(*rows)
    for round in range(60):
        words = [chance.choice(PIECES) + chance.choice(["", *PIECES]) for _ in range(1 + round % 2)]
        found = viewer.ids("restores/", search=" ".join(words), ordering="id", page_size=100)
        assert found == expected(rows, words), words
    assert viewer.ids("restores/", search="END of LONG") == [39, 26, 13]


TEXTS = {
    "backups/": (backup, ("name", "database_name", "file_path")),
    "legacy/restores/": (legacy, ("name", "message", "target_database", "created_by_username")),
    "restores/": (restore, ("name", "message", "target_database", "created_by_username")),
}


@pytest.mark.parametrize("path", TEXTS)
@pytest.mark.parametrize("indexed", [True, False], ids=["with its index", "without"])
def test_each_list_looks_into_each_of_its_texts(viewer: Reader, path: str, indexed: bool):
    made, columns = TEXTS[path]
    rows = [made(id, **{column: "Somewhere"}) for id, column in enumerate(columns, 1)]
    if not indexed:
        without_index(rows[0]._meta.db_table)
    put(*rows, made(9))
    found = viewer.ids(path, search="somewhere", ordering="id")
    assert found == list(range(1, len(columns) + 1))


def without_index(table: str = "system_backups_restorelog") -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"DROP INDEX {table}_search")
        else:
            let_go_of_search(connection, table)


def version_of(row: Any, n: int, chance: random.Random) -> RestoreVersion:
    """A version from position n on that stays or passes; of a row in the table, or of none."""
    ended = chance.choice([None, n + chance.randrange(1, 40)])
    stays = bool(chance.randrange(3))
    columns = {one.attname: getattr(row, one.attname) for one in row._meta.concrete_fields}
    if n % 9 == 0:
        columns["message"] = None
        columns["extra"] = '{"x": "' + "x" * 19_990 + columns["extra"].replace('"', "'") + '"}'
    return RestoreVersion(
        **columns,
        valid_from=n,
        valid_to=ended,
        block=version_cells.block_of(n) if stays else None,
        cell=None if stays else version_cells.cell_of(n, ended),
        present=n % 7 > 0,
        absence=None if n % 7 else "quarantined",
        is_overwrite_known_by="observed",
    )


@pytest.mark.parametrize("indexed", [True, False], ids=["with its index", "without"])
def test_search_in_versions_finds_what_python_finds(
    viewer: Reader, indexed: bool, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(version_cells, "BLOCK", 16)
    chance = random.Random(f"versions {indexed}")
    if not indexed:
        without_index(RestoreVersion._meta.db_table)
    made = [version_of(row, row.id, chance) for row in random_rows(chance)]
    put(*made)
    for label in (RestoreVersion._meta.label, LABEL):
        pk = live(PROJECTIONS[label], "default").pk
        Generation.objects.filter(pk=pk).update(position=38, scope="all")
    valid = [one for one in made if one.valid_from <= 38 < (one.valid_to or 99)]
    for round in range(40):
        words = [chance.choice(PIECES) + chance.choice(["", *PIECES]) for _ in range(1 + round % 2)]
        order = chance.choice(["id", "restore_id"])
        found = viewer.json("restores/", present="any", search=" ".join(words), ordering=order)
        assert [row["id"] for row in found["results"]] == expected(valid, words), words
        absent = [one for one in valid if not one.present]
        there = viewer.json("restores/", present="true", search=" ".join(words))
        assert there["left_out"]["quarantined"] == len(expected(absent, words))


def test_the_index_follows_the_rows(viewer: Reader):
    put(*(restore(id, message=f"first of {id}") for id in range(1, 6)))
    rows = QuerySet(RestoreLog)
    rows.filter(pk=2).update(message="second" + "x" * 20_000)
    rows.filter(pk=3).delete()
    rows.filter(pk=4).update(status="failed")
    assert viewer.ids("restores/", search="first") == [5, 4, 1]
    assert viewer.ids("restores/", search="second") == [2]
    rows.filter(pk=2).update(message="first again")
    assert viewer.ids("restores/", search="again") == [2]
    assert viewer.ids("restores/", search="second") == []


def test_a_search_without_a_hit_reads_no_row(viewer: Reader):
    message = "restored all tables into shop, and nothing else of any note. " * 20
    put(*(restore(id, message=f"{id}: {message}") for id in range(1, 1_501)))
    with connection.cursor() as cursor:
        # As autovacuum does: new rows are searched one by one until then.
        vacuum = "VACUUM (ANALYZE)" if connection.vendor == "postgresql" else "ANALYZE"
        cursor.execute(f"{vacuum} system_backups_restorelog")
    table = "system_backups_restorelog"
    used, found = statements(table, lambda: viewer.ids("restores/", search="nowhere"))
    assert (found, len(used)) == ([], 1)
    assert [step for sql in used for step in whole_reads(sql, table)] == []


def test_after_a_switch_the_index_is_made_anew(viewer: Reader):
    Log().append([new_event(requested(1)), new_event(requested(2))])
    versions = RestoreVersion._meta.label
    assert set(rebuild().search) >= {LABEL, versions, "database_management.RestoreLog"}
    for switch in (go_back, rebuild):
        switch()
        search.build_missing()
        for label in (LABEL, versions):
            assert search.state(PROJECTIONS[label]) is SearchState.READY
        assert len(viewer.ids("restores/", search="RESTORE", as_of="now")) == 2
        assert len(viewer.ids("restores/", search="RESTORE")) == 2


def test_while_the_index_is_made_a_search_is_told_to_come_back(viewer: Reader, database: str):
    put(restore(1))
    without_index()
    with being_built(database):
        problem = viewer.get("restores/", expect=503, search="restore")
    assert problem.json()["code"] == "search_building"
    assert problem["Retry-After"] == "2"
    assert viewer.ids("restores/") == [1]


@contextmanager
def being_built(url: str) -> Iterator[None]:
    """As while a process is making the index."""
    if connection.vendor == "postgresql":
        with psycopg.connect(url) as other:
            other.execute("SELECT pg_advisory_lock(%s)", [SEARCH_LOCK])
            yield
        return
    texts = PROJECTIONS[LABEL].searched
    TrigramIndex(connection, RestoreLog, texts)._begin()
    yield
