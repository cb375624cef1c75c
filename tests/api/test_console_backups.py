"""The pages of backups, as whoever looks for one to restore from uses them."""

import html
import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from api import accounts
from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from projections.engine.catch_up import catch_up
from projections.services import record
from projections.system_backups.models import BackupLog
from tests.api.conftest import Reader
from tests.api.rows import NOON, backup, hours, put, restore
from tests.api.test_console_restores import HOSTILE, names, page, text
from tests.builders import backup_imported, stream

CHECKSUM = f"sha256:{'ab' * 32}"


@pytest.fixture
def person(database: str) -> Client:
    """A viewer with a browser."""
    return browser("vic", "viewer")


def browser(name: str, *roles: str) -> Client:
    client = Client()
    client.force_login(accounts.create(name, roles=roles))
    return client


def registered(name: str = "weekly orders", **told: Any) -> UUID:
    """A backup that ada registered, because a move was planned."""
    return record.register_backup(
        name=name,
        actor="ada",
        reason="before the move",
        **{
            "database_name": "orders",
            "file_path": "/backups/orders.dump",
            "size_bytes": 1_400_000_000,
            "checksum": CHECKSUM,
            "format": "postgresql-custom",
            "contents": {"public.orders": 1_204, "public.notes": None},
            **told,
        },
    ).what.id


def restored(of: UUID, name: str, **told: Any) -> Any:
    """A completed restore of this backup."""
    one = record.request_restore(
        name=name, actor="grace", backup_id=of, target_database="orders", **told
    ).what
    record.start_restore(one.id, actor="grace")
    record.complete_restore(one.id, actor="grace")
    return one


def test_the_backup_to_restore_from_is_found_and_says_what_one_has_to_know(person: Client):
    id = registered()
    told = page(person, "/backups/?search=orders&database_name=orders")
    assert names(told) == ["weekly orders"]
    assert "1.4 GB" in told
    (address,) = set(re.findall(r'href="(/backups/[0-9a-f-]{36}/)"', told))
    assert address == f"/backups/{id}/"
    said = text(page(person, address))
    assert "Database orders Type database , postgresql-custom Stored at /backups/orders" in said
    assert "Size 1.4 GB (1,400,000,000 bytes)" in said
    assert f"Checksum {CHECKSUM} Registered by ada , because: before the move" in said
    assert "public.orders : 1,204 rows public.notes" in said
    assert "not checked yet" in said
    assert "No restore was made from it." in said
    assert "ada registered the backup 'weekly orders' of orders , because: before the move" in said


def test_what_became_of_a_backup_is_told_event_by_event_with_the_raw_event(person: Client):
    id = registered()
    record.verify_backup(id, actor="grace", result="failed", check="pg_verify", output="torn page")
    record.expire_backup(id, actor="ada", message="older than a year")
    told = page(person, f"/backups/{id}/")
    said = text(told)
    assert "Status expired" in said
    assert ": older than a year" in said
    assert "check failed by pg_verify" in said
    assert "torn page" in said
    assert "status: completed → expired" in said
    assert "verification: – → failed" in said
    (address,) = re.findall(rf'href="(/backups/{id}/events/2/)"', told)
    raw = text(page(person, address))
    assert '"output": "torn page"' in raw
    assert re.search(r"Hash [0-9a-f]{64} Hash before it [0-9a-f]{64}", raw)
    assert person.get(f"/backups/{id}/events/9/").status_code == 404
    assert person.get(f"/backups/{uuid4()}/events/2/").status_code == 404


def test_every_restore_made_from_a_backup_is_a_click_away_and_back(person: Client):
    id = registered()
    one, other = restored(id, "drill"), restored(id, "drill again", is_overwrite=True)
    record.validate_restore(one.id, actor="grace", result="passed")
    told = page(person, f"/backups/{id}/")
    assert names(told) == ["drill again", "drill"]
    said = text(told)
    assert "drill completed check passed orders" in said
    assert "drill again completed not checked orders overwritten" in said
    assert f'href="/restores/{other.id}/"' in told
    assert f'href="/backups/{id}/"' in page(person, f"/restores/{one.id}/")
    (every,) = re.findall(r'href="(/restores/[?]backup=[^"]*)"', told)
    assert names(page(person, html.unescape(every))) == ["drill again", "drill"]


def test_a_backup_with_many_restores_shows_the_latest_and_leads_to_all(person: Client):
    id = registered()
    row = BackupLog.objects.get(backup_id=id)
    put(*(restore(n, source_backup_id=row.pk) for n in range(1, 61)))
    told = page(person, f"/backups/{id}/")
    assert names(told) == [f"restore {n}" for n in range(60, 40, -1)]
    (every,) = re.findall(r'href="([^"]*)">All restores made from it', told)
    assert len(names(page(person, html.unescape(every)))) == 50


def test_a_list_has_the_rows_of_rest_for_the_same_query(person: Client, viewer: Reader):
    put(
        *(
            backup(
                id,
                status=("completed", "expired", None)[id % 3],
                database_name=("shop", "orders")[id % 2],
                size_bytes=id * 1_000_000 if id % 4 else None,
                created_at=NOON + hours(id),
            )
            for id in range(1, 13)
        )
    )
    put(
        restore(1, source_backup_id=3, validation="passed"),
        restore(2, source_backup_id=4),
        restore(3, source_backup_id=4, status="failed"),
    )
    for query in (
        "",
        "status=expired",
        "status_in=completed,expired&database_name=orders",
        "never_restored=true",
        "never_restored=false",
        "never_validated=true&never_restored=false",
        "since=2025-06-01T15:00&until=2025-06-01T18:00",
        "search=backup&ordering=created_at",
        "ordering=-size_bytes",
        "size_bytes_min=3000000",
        "extra.no_such_column_isnull=true",
    ):
        expected = [row["name"] for row in viewer.json(f"backups/?{query}&page_size=50")["results"]]
        assert names(page(person, f"/backups/?{query}")) == expected, query
        assert expected, query


def test_what_was_never_restored_or_never_validated_is_one_click_away(person: Client):
    put(*(backup(id, created_at=NOON + hours(id)) for id in range(1, 4)))
    put(restore(1, source_backup_id=2), restore(2, source_backup_id=3, validation="failed"))
    told = page(person, "/backups/")
    links = {
        label: html.unescape(address)
        for address, label in re.findall(r'<a class="chip shortcut" href="([^"]*)">(.*?)<', told)
    }
    assert names(page(person, f"/backups/{links['Never restored']}")) == ["backup 1"]
    never = page(person, f"/backups/{links['Never validated']}")
    assert names(never) == ["backup 2", "backup 1"]
    assert re.search(r"backup 2 .* UTC never validated backup 1 .* never ", text(never))


def test_the_pages_of_a_list_have_each_row_once_forwards_and_back(person: Client):
    put(*(backup(id, created_at=NOON + hours(id % 7)) for id in range(1, 121)))
    seen, pages, address = [], [], "/backups/"
    while address:
        pages.append(address)
        told = page(person, address)
        seen += names(told)
        following = re.findall(r'href="([^"]*)" rel="next"', told)
        address = f"/backups/{html.unescape(following[0])}" if following else ""
    assert len(pages) == 3
    assert sorted(seen) == sorted(f"backup {id}" for id in range(1, 121))
    (back,) = re.findall(r'href="([^"]*)" rel="prev"', told)
    assert names(page(person, f"/backups/{html.unescape(back)}")) == seen[50:100]


def test_a_backup_that_the_host_keeps_shows_the_hosts_other_columns(person: Client):
    columns = backup_imported(1).columns | {"cloud_url": "s3://there", "retries": 3}
    Log().append([new_event(backup_imported(1, columns=columns))])
    catch_up()
    said = text(page(person, f"/backups/{stream(1)}/"))
    assert "Known from the host’s legacy table, imported by import" in said
    assert "cloud_url : s3://there retries : 3" in said
    assert "id 7 in the legacy table" in said
    assert "import found the backup 'weekly 7' in the host's legacy table" in said
    assert text(page(person, "/backups/7/")) == said


def test_two_backups_with_one_id_are_told_apart(person: Client):
    own = backup_imported(2, key=23, origin="consolidated", legacy_id=None, consolidated_id=23)
    Log().append([new_event(backup_imported(1, key=23)), new_event(own)])
    catch_up()
    said = text(page(person, "/backups/23/"))
    assert f"UUID {stream(2)} , id 23" in said
    assert f"23 is also the id of backup {stream(1)} in database_management.BackupLog" in said


def test_who_may_not_read_sees_nothing_and_only_an_auditor_is_offered_exports(person: Client):
    id = registered()
    stranger, auditor = browser("nobody"), browser("olga", "auditor")
    for address in ("/backups/", f"/backups/{id}/", f"/backups/{id}/events/1/"):
        assert stranger.get(address).status_code == 403
        assert Client().get(address).status_code == 302
    assert "v1/exports" not in page(person, "/backups/?status=completed")
    assert "/audit/" not in page(person, f"/backups/{id}/")
    told = page(auditor, "/backups/?status=completed")
    (address,) = re.findall(r'href="(/api/v1/exports/[^"]*)"', told)
    file = b"".join(auditor.get(html.unescape(address)).streaming_content).decode()  # type: ignore[attr-defined]
    assert "weekly orders" in file
    assert f'href="/audit/?stream={id}"' in page(auditor, f"/backups/{id}/")


def test_what_is_not_there_or_cannot_be_listed_is_said_in_words(person: Client):
    assert "restorelog backup register" in page(person, "/backups/")
    one = registered()
    assert "There is no filter 'stauts'." in text(page(person, "/backups/?stauts=x", 400))
    assert "Begin with the first." in text(page(person, "/backups/?cursor=x", 400))
    assert 'role="alert"' in page(person, "/backups/?since=whenever", 400)
    assert "No backup matches." in page(person, "/backups/?search=nothing-like-it")
    restore_id = record.request_restore(name="r", actor="ada").what.id
    for address in ("77", "x", str(uuid4()), str(restore_id), "9" * 40):
        assert person.get(f"/backups/{address}/").status_code == 404
    # Nor is a backup a restore.
    assert person.get(f"/restores/{one}/").status_code == 404
    assert person.get(f"/restores/{one}/events/1/").status_code == 404


def test_text_that_hosts_and_programs_wrote_is_shown_and_never_obeyed(person: Client):
    id = registered(
        HOSTILE,
        database_name=HOSTILE[:100],
        file_path=HOSTILE,
        format=HOSTILE[:50],
        contents={HOSTILE: 1},
        status=HOSTILE[:20],
    )
    record.verify_backup(id, actor="ada", result="passed", check=HOSTILE, output=HOSTILE)
    columns = backup_imported(1).columns | {HOSTILE: HOSTILE}
    Log().append([new_event(backup_imported(1, columns=columns))])
    catch_up()
    for address in (
        *("/backups/", f"/backups/{id}/", f"/backups/{id}/events/1/", f"/backups/{stream(1)}/"),
        *(f"/backups/?search={HOSTILE}", f"/backups/?status={HOSTILE}"),
    ):
        told = page(person, address)
        assert "<script>alert" not in told
        assert "<img" not in told


def test_pages_stay_small_whatever_is_in_the_rows(person: Client):
    wide = "𝕏" * 255
    id = registered(
        wide,
        file_path="𝕏" * 500,
        database_name=wide[:100],
        contents={f"{wide[:100]}{n}": n for n in range(200)},
    )
    record.verify_backup(id, actor="ada", result="passed", output="line\n" * 10_000)
    put(
        *(
            backup(n, name=wide, file_path="𝕏" * 500, database_name=wide[:100], created_at=NOON)
            for n in range(1, 61)
        )
    )
    for _ in range(30):
        record.request_restore(name=wide, actor="ada", backup_id=id, target_database=wide[:100])
    assert len(names(page(person, "/backups/"))) == 50
    assert len(names(page(person, f"/backups/{id}/"))) == 20
    assert "and 170 more" in text(page(person, f"/backups/{id}/"))
