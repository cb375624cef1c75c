"""Whose shell the tests run in."""

import os
import pwd

ME = pwd.getpwuid(os.getuid()).pw_name
"""The actor of every command."""
