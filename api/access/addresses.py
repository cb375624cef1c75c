"""Where a request comes from. Only a configured proxy's `X-Forwarded-For` is believed."""

import ipaddress
from collections.abc import Iterable, MutableMapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest

IPV6_NETWORK = 64
"""Bits of an IPv6 address that belong to one customer of a provider, who can use all the rest."""
LONGEST = 64


def request_address(request: HttpRequest) -> str:
    """The client's address; a whole IPv6 network counts as one. Empty if there is none."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    return client_address(request.META.get("REMOTE_ADDR", ""), forwarded)


def scope_address(scope: MutableMapping[str, Any]) -> str:
    """The same for an ASGI request that Django has not seen yet."""
    told = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
    return client_address((scope.get("client") or ("",))[0], told.decode("latin-1"))


def client_address(peer: str, forwarded: str) -> str:
    """The address of `peer`, or if that is a trusted proxy, the one that it was asked by.

    Each proxy adds its own client at the end of `X-Forwarded-For`. So the last address that is not
    a trusted proxy's is the client's; what stands before it may be invented.
    """
    address = peer
    for named in reversed(forwarded.split(",")):
        if not _is_trusted(address) or not named.strip():
            break
        address = named.strip()
    return _as_one(address)


def _is_trusted(address: str) -> bool:
    parsed = _parsed(address)
    networks: Iterable[ipaddress.IPv4Network | ipaddress.IPv6Network] = settings.TRUSTED_PROXIES
    return parsed is not None and any(parsed in network for network in networks)


def _as_one(address: str) -> str:
    parsed = _parsed(address)
    if parsed is None:
        return address[:LONGEST]
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, IPV6_NETWORK), strict=False))
    return str(parsed)


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address, also with a port; an IPv4 address that was mapped into IPv6 is the same one."""
    text = address.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        parsed = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(parsed, "ipv4_mapped", None)
    return mapped or parsed
