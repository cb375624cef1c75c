"""Conversion of driver errors to errors that name the host and show no content of rows."""

from collections.abc import Iterator
from contextlib import contextmanager

from domain.errors import RestoreLogError
from infrastructure.databases.redaction import driver_says
from infrastructure.hosts.connecting.errors import HostUnreachable


@contextmanager
def host_errors(where: str) -> Iterator[None]:
    """Turns every error in the block into `HostUnreachable`, whatever its class.

    A killed connection may raise any of the driver's errors, but also a `struct.error`,
    `AttributeError` or `IndexError`; a bad value raises an error of its decoder. So use this only
    around code that reads from the host.
    """
    try:
        yield
    except RestoreLogError:
        raise
    except Exception as error:
        raise HostUnreachable(where, driver_says(error)) from error
