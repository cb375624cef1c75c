"""Parts of a page that are kept up to date."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

LEAST = 3
"""Seconds between two requests for a part, at least."""
PATIENCE = 15_000
"""Milliseconds after which an answer is given up. The next request may find one."""


@register.simple_tag(takes_context=True, name="live")
def live_part(context: Any, part: str, seconds: int = 5) -> SafeString:
    """The attributes of a part that is asked for again and replaced, with its id.

    The page is asked for at its own address, and has the part too. The page's head has
    `api/parts/live.html`. A part that is no longer live has its id alone: `{% if … %}`.
    """
    assert seconds >= LEAST, f"a live part may be asked for every {LEAST} seconds at most"
    return format_html(
        'id="{part}" data-live hx-get="{address}" hx-trigger="every {seconds}s, look"'
        ' hx-target="this" hx-select="#{part}" hx-swap="outerHTML" hx-sync="this:drop"'
        " hx-request='{{\"timeout\": {patience}}}'",
        part=part,
        address=context["request"].get_full_path(),
        seconds=seconds,
        patience=PATIENCE,
    )
