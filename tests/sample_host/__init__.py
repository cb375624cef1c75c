"""A host to import from: a small Django product of its own, with two restore tables.

It never shares a process with the service. Tests make one with `make_host`; on the terminal:
`python -m tests.sample_host make --database sqlite:////tmp/host.sqlite3 --rows 1000`.
"""

from tests.sample_host.build import HostNotMade, host_command, make_host, start_host

__all__ = ["HostNotMade", "host_command", "make_host", "start_host"]
