"""The wrapper around a real restore command, its spool, and a client that fits on any server.

Uses Python's standard library alone and imports nothing of the service, because restores run on
servers where nothing may be installed. Python 3.9 or newer. In `restorelog.pyz` this package is
called `restorelog`.
"""
