"""Durations, for people."""

from django import template

register = template.Library()


@register.filter
def took(seconds: int | None) -> str:
    """`59 s`, `3 min 5 s`, `1 h 39 min`, `2 d 3 h`: the two largest units, cut off below."""
    if seconds is None:
        return "–"
    units = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
    parts = []
    for name, size in units:
        count, seconds = divmod(seconds, size)
        parts.append((count, name))
    while len(parts) > 1 and parts[0][0] == 0:
        parts.pop(0)
    return " ".join(f"{count} {name}" for count, name in parts[:2] if count or len(parts) == 1)
