"""The small parts of pages: times, states, and the navigation."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from api.console.navigation import pages_for
from domain.text import is_shown

register = template.Library()

NOTHING = "–"
MEANINGS = {
    "completed": "good",
    "live": "good",
    "passed": "good",
    "failed": "bad",
    "stopped": "bad",
    "quarantined": "bad",
    "vanished": "bad",
    "in_progress": "busy",
    "pending": "busy",
    "partial": "busy",
}
"""What a word of a state means. Words of the host's own mean nothing here."""


@register.inclusion_tag("api/parts/navigation.html", takes_context=True)
def navigation(context: Any) -> dict[str, Any]:
    """Links to the pages that this visitor may see; the present one is marked."""
    return {"pages": pages_for(context["request"])}


@register.filter
def named(name: str | None) -> str:
    """A name, or that there is none that can be seen: a link needs a text."""
    text = name or ""
    seen = any(is_shown(character) and not character.isspace() for character in text)
    return text if seen else "(no name)"


@register.filter(name="upto")
def text_upto(text: object, most: int) -> str:
    """At most so many characters of a text. Django's own filter looks at each of them."""
    whole = str(text)
    return whole if len(whole) <= most else f"{whole[: most - 1]}…"


@register.simple_tag(name="when")
def time_shown(moment: datetime | str | None, precision: str = "minutes") -> SafeString | str:
    """A time. It is of UTC, and says so; `times.js` shows it in the reader's zone.

    `precision` is `minutes` or `seconds`.
    """
    if not moment:
        return NOTHING
    assert isinstance(moment, datetime)
    utc = moment.astimezone(UTC)
    # Not strftime, which writes the year 33 as 33.
    exact = utc.replace(tzinfo=None).isoformat(" ", "seconds")
    assert precision in ("minutes", "seconds")
    shown = exact if precision == "seconds" else exact[:-3]
    # Digits and signs alone: a list has a hundred times, and need not look for tags in each.
    return mark_safe(
        f'<time datetime="{exact.replace(" ", "T")}Z" title="{exact} UTC" data-utc="{precision}">'
        f"{shown} UTC</time>"
    )


@register.simple_tag
def badge(word: str | None, text: str | None = None) -> SafeString | str:
    """A state as a badge, with a sign for what it means; `text` in place of the word itself."""
    return _badge(word, text or word.replace("_", " ")) if word else NOTHING


@lru_cache(maxsize=500)
def _badge(word: str, text: str) -> SafeString:
    """Lists have the same few again and again."""
    return format_html('<span class="badge {}">{}</span>', MEANINGS.get(word, ""), text)
