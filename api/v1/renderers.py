"""Answers as JSON, and the browsable API."""

from typing import Any

import msgspec
from django.urls import resolve
from rest_framework.renderers import BrowsableAPIRenderer, JSONRenderer
from rest_framework.request import Request


class QuickJSONRenderer(JSONRenderer):
    """DRF's renderer, with the encoder that the log has, too: it is quicker."""

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        if data is None or self.get_indent(accepted_media_type or "", renderer_context or {}):
            found: bytes = super().render(data, accepted_media_type, renderer_context)
            return found
        return msgspec.json.encode(data, enc_hook=self.encoder_class().default)


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
