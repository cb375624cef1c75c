"""The browsable API."""

from typing import Any

from django.urls import resolve
from rest_framework.renderers import BrowsableAPIRenderer
from rest_framework.request import Request


class BrowsableRenderer(BrowsableAPIRenderer):
    """DRF's renderer without forms: filters are described in the schema, and some lists are long.

    Steps are taken on their own pages, which explain them: pressing a button here must not send an
    empty body. A view's `links` are shown below its description.
    """

    template = "api/browse.html"

    def get_filter_form(self, data: Any, view: Any, request: Any) -> None:
        return None

    def get_raw_data_form(self, data: Any, view: Any, method: Any, request: Any) -> None:
        return None

    def get_breadcrumbs(self, request: Request) -> list[tuple[str, str]]:
        """The pages above this one; some URLs, such as `/api/v1/audit/`, do not have a page."""
        crumbs: list[tuple[str, str]] = super().get_breadcrumbs(request)
        return [
            (name, url)
            for name, url in crumbs
            if resolve(url.partition("?")[0]).view_name != "v1:nowhere"
        ]
