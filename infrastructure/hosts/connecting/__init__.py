"""The one way to a host: its URL, the connection, and what a session is guarded against.

Whoever reads a host comes through here, the importer and the verification alike: two parsers of
one URL once compared another schema than was imported. What the rows mean is not known here.
"""

from infrastructure.hosts.connecting.opening import ReadFrom, Session, open_session
from infrastructure.hosts.connecting.source import Source, parse_source

__all__ = ["ReadFrom", "Session", "Source", "open_session", "parse_source"]
