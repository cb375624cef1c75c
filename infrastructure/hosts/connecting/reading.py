"""What a driver raises about the host, as an error that names the host and no row's content."""

from collections.abc import Iterator
from contextlib import contextmanager

from domain.errors import RestoreLogError
from infrastructure.databases.redaction import driver_says
from infrastructure.hosts.connecting.errors import HostUnreachable


@contextmanager
def host_errors(where: str) -> Iterator[None]:
    """Turns whatever goes wrong within into `HostUnreachable`, of whatever class it is.

    A killed connection comes to light as any of a driver's own errors, but also as a `struct`,
    `Attribute` or `IndexError` in its midst; a value as an error of its decoder. So this stands
    around reading from the host, and around nothing else.
    """
    try:
        yield
    except RestoreLogError:
        raise
    except Exception as error:
        raise HostUnreachable(where, driver_says(error)) from error
