"""What pages may load and run."""

import re

from django.test import Client

from api import accounts
from tests.api.rows import put, restore

PAGES = (
    *("/", "/components/", "/consolidation/", "/consolidation/cut_over/"),
    *("/backups/", "/audit/"),
    *("/consolidation/unrepresentable/", "/integrity/", "/projections/"),
)
ADMIN = ("/admin/", "/admin/auth/user/", "/admin/system_backups/restorelog/")
INLINE = re.compile(r"<style|<script(?![^>]*\bsrc=)|\bstyle=|\bon\w+=|javascript:", re.IGNORECASE)


def test_no_page_of_the_console_or_the_admin_may_run_what_stands_in_it(database: str):
    put(restore(1))
    client = Client()
    client.force_login(accounts.create("root", superuser=True))
    pages = [Client().get("/login/"), *(client.get(address) for address in (*PAGES, *ADMIN))]
    for response in pages:
        policy = response["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        # What the policy would refuse is not there: it would be missing from the page.
        assert not INLINE.search(response.content.decode()), response.request["PATH_INFO"]


def test_what_pages_load_is_on_the_service_itself(database: str):
    client = Client()
    client.force_login(accounts.create("root", superuser=True))
    for address in (*PAGES, "/admin/"):
        page = client.get(address).content.decode()
        loaded = re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="([^"]*)"', page)
        assert loaded
        for one in loaded:
            assert re.match(r"/(?!/)", one), (address, one)
            response = client.get(one)
            response.close()  # a file's
            assert response.status_code == 200, (address, one)
