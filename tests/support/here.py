"""The service's commands in this process, on the fixture's `database`: no start-up to wait for.

What a command prints and its exit code are as in a process of its own; tests of how the process
itself behaves use `tests.support.service`.
"""

import io
import json

from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError
from django.test import override_settings

from api.management.reasons import reason
from domain.errors import RestoreLogError
from tests.support.service import Result


def run(
    *args: str, source: str = "", zone: str | None = "UTC", check: bool = True, tz: str = "UTC"
) -> Result:
    """Run `manage.py ARGS` with SOURCE_DATABASE_URL, SOURCE_TIME_ZONE and TZ set to these."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with override_settings(SOURCE_DATABASE_URL=source, SOURCE_TIME_ZONE=zone, SHELL_TIME_ZONE=tz):
        try:
            call_command(*args, stdout=out, stderr=err)
        except SystemExit as stopped:
            code = int(stopped.code or 0)
        except (RestoreLogError, DatabaseError, ImproperlyConfigured) as error:
            # As manage.py does with what Django's own commands let through.
            err.write(f"{reason(error)}\n")
            code = 2
        except CommandError as error:
            err.write(f"{error}\n")
            # What a parser refuses is a CommandError only in a process that goes on.
            code = 2 if str(error).startswith("Error: ") else 1
    text = out.getvalue()
    parsed = json.loads(text) if "--json" in args and text else None
    result = Result(code, text, err.getvalue(), parsed)
    if check and code != 0:
        raise AssertionError(f"manage.py {' '.join(args)}: {result}")
    return result
