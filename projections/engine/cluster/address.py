"""Where a scheduler is, and which addresses are safe to talk to."""

from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from projections.engine.cluster.errors import OpenScheduler, SchedulerMisspelt

TLS, PLAIN = "tls", "tcp"


class SchedulerAddress(NamedTuple):
    """The URL of a Dask scheduler, and the files of the certificates for `tls://`.

    What is not given is taken from Dask's own configuration.
    """

    url: str
    ca_file: Path | None = None
    cert: Path | None = None
    key: Path | None = None

    @property
    def is_encrypted(self) -> bool:
        """Whether it is a `tls://` address."""
        return urlsplit(self.url).scheme == TLS


def refuse_misspelt(url: str) -> None:
    """Raise `SchedulerMisspelt` for what is not the address of a scheduler."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise SchedulerMisspelt(url) from error
    extra = parts.path or parts.query or parts.fragment or parts.username or parts.password
    if parts.scheme not in (TLS, PLAIN) or not parts.hostname or not port or extra:
        raise SchedulerMisspelt(url)


def refuse_open(address: str) -> None:
    """Raise `OpenScheduler` for an address that others can reach without TLS."""
    parts = urlsplit(address)
    if parts.scheme != TLS and not _is_this_machine(parts.hostname or ""):
        raise OpenScheduler(address)


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
