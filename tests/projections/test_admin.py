"""The admin shows all four tables, and lets nobody write to them."""

import re

import pytest
from django.contrib.auth.models import User
from django.contrib.staticfiles import finders
from django.test import Client, override_settings

from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from tests.builders import backup_registered, completed, imported, requested, started
from tests.support import here

TABLES = (
    ("database_management/restorelog", 7, "nightly 7", True),
    ("database_management/backuplog", 2_000_000_000_005, "weekly", True),
    ("system_backups/restorelog", 2_000_000_000_001, "restore 1", False),
    ("system_backups/backuplog", 2_000_000_000_005, "weekly", False),
)


@pytest.fixture
def admin(database: str):
    """A superuser's browser, with rows in each table."""
    events = [requested(1), started(1), completed(1), imported(2, key=7), backup_registered()]
    Log().append([new_event(event) for event in events])
    here.run("project")
    # The test client speaks plain HTTP, and nobody has collected static files.
    with override_settings(SECURE_SSL_REDIRECT=False):
        client = Client()
        client.force_login(User.objects.create_superuser("root"))
        yield client


@pytest.mark.parametrize(("table", "key", "name", "deprecated"), TABLES)
def test_each_table_is_listed_and_shown_row_by_row(
    admin: Client, table: str, key: int, name: str, deprecated: bool
):
    for page in (f"/admin/{table}/", f"/admin/{table}/{key}/change/"):
        response = admin.get(page)
        assert response.status_code == 200
        text = response.content.decode()
        assert name in text
        assert ("This legacy table is kept" in text) is deprecated


@pytest.mark.parametrize("table", [table for table, *_ in TABLES])
def test_nobody_may_add_change_or_delete(admin: Client, table: str):
    key = {table: key for table, key, *_ in TABLES}[table]
    assert admin.get(f"/admin/{table}/add/").status_code == 403
    assert admin.post(f"/admin/{table}/{key}/change/", {"name": "x"}).status_code == 403
    assert admin.post(f"/admin/{table}/{key}/delete/", {"post": "yes"}).status_code == 403


def test_the_admins_first_page_marks_the_legacy_tables(admin: Client):
    text = admin.get("/admin/").content.decode()
    assert text.lower().count("deprecated") >= 2


@pytest.mark.parametrize("table", [table for table, *_ in TABLES])
def test_a_list_shows_what_it_is_sorted_by_and_times_that_sort(admin: Client, table: str):
    text = admin.get(f"/admin/{table}/").content.decode()
    columns = re.findall(r'<th scope="col" class="sortable column-(\w+) ?([^"]*)"', text)
    assert [name for name, _ in columns][:3] == ["name", "status", "created_at"]
    assert [name for name, how in columns if "sorted" in how] == ["created_at"]
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ<", text)
    assert "a.m." not in text
    assert "p.m." not in text
    # What keeps a long name from pushing the other columns away.
    assert 'href="/static/projections/admin.css"' in text
    assert finders.find("projections/admin.css")


@pytest.mark.parametrize(("table", "key"), [(table, key) for table, key, *_ in TABLES])
def test_a_rows_history_leads_to_the_log(admin: Client, table: str, key: int):
    led = admin.get(f"/admin/{table}/{key}/history/", follow=True, headers={"Accept": "text/html"})
    assert led.status_code == 200
    assert "/events/" in led.redirect_chain[-1][0]
    assert "change history" not in led.content.decode()
    assert re.search(r"&quot;topic&quot;: &quot;(restore|backup)\.", led.content.decode())
    assert admin.get(f"/admin/{table}/77/history/").status_code == 404
