"""Numbers, for people."""

from django import template

register = template.Library()


@register.filter
def grouped(number: int) -> str:
    """`1,234,567`, as the commands print it."""
    return f"{number:,}"


@register.filter
def sized(count: int | None) -> str:
    """`512 bytes`, `1.4 GB`: a number of bytes, in decimal units; `–` for none."""
    if count is None:
        return "–"
    if abs(count) < 1_000:
        return f"{count} byte{'' if count == 1 else 's'}"
    number = float(count)
    for unit in ("kB", "MB", "GB", "TB"):
        number /= 1_000
        if abs(number) < 1_000:
            return f"{number:.1f} {unit}"
    return f"{number / 1_000:,.1f} PB"
