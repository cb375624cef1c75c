"""The browsable API."""

from typing import Any

from rest_framework.renderers import BrowsableAPIRenderer


class BrowsableRenderer(BrowsableAPIRenderer):
    """DRF's, without the forms: filters are described in the schema, and some lists are long."""

    template = "api/browse.html"

    def get_filter_form(self, data: Any, view: Any, request: Any) -> None:
        return None
