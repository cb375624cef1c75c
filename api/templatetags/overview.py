"""The figures of the overview."""

from math import floor

from django import template

from api.templatetags.console import NOTHING
from api.templatetags.durations import took

register = template.Library()


@register.filter
def percent(rate: float | None) -> str:
    """`97.5%`; a rate of nothing is none."""
    if rate is None:
        return NOTHING
    # Cut off: one that failed among ten thousand leaves no 100%.
    return f"{floor(round(rate * 1_000, 6)) / 10:.1f}%"


@register.filter
def lasted(duration: float | None) -> str:
    """A percentile of durations, as `3 min 5 s`."""
    return took(None if duration is None else round(duration))
