"""Helpers for the URL options of all vendors."""

from collections.abc import Collection

from infrastructure.hosts.connecting.errors import BadSourceUrl

TRUE, FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


def refuse_unknown_options(given: Collection[str], known: Collection[str], why: str = "") -> None:
    """Refuse the first unknown option, by name."""
    strange = [option_name(name) for name in given if name not in known]
    if strange:
        raise BadSourceUrl(f"{strange[0]} is not understood{why}")


def truth(name: str, value: str) -> bool:
    """An option that is either on or off."""
    if value.lower() in (*TRUE, *FALSE):
        return value.lower() in TRUE
    raise BadSourceUrl(f"the option {name} has to be true or false")


def seconds(name: str, value: str) -> int:
    """An option that is a number of seconds, at least one."""
    if value.isascii() and value.isdigit() and 0 < int(value) <= 31_536_000:
        return int(value)
    raise BadSourceUrl(f"the option {name} has to be a number of seconds from 1 to 31536000")


def refuse_other_charset(name: str, value: str) -> None:
    """Text is always read as UTF-8: a URL must not say anything else."""
    if not value.lower().replace("-", "").startswith(("utf8", "unicode")):
        raise BadSourceUrl(f"the option {name} has to be UTF-8, in which text is read")


def option_name(name: str) -> str:
    """The option's name, unless it may be a piece of a password."""
    plain = name.replace("-", "").replace("_", "")
    return f"the option {name}" if plain.isalnum() and len(name) < 40 else "one of its options"
