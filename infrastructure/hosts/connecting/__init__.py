"""Connections to a host: parsing its URL, opening a session, and the session's guards.

The importer and the verification both connect through this package. With two parsers of one URL,
they might read different schemas. The meaning of the rows is not known here.
"""

from infrastructure.hosts.connecting.opening import ReadFrom, Session, open_session
from infrastructure.hosts.connecting.source import Source, parse_source

__all__ = ["ReadFrom", "Session", "Source", "open_session", "parse_source"]
