"""Migrates a project that is killed again and again: at its first statement, then at its second …

`kill_again_and_again.py TARGET [STATEMENT]`, in the project's folder: each run goes on where the
last one was killed, until one ends by itself; with STATEMENT, there is one run, killed at that one.
Prints, as JSON, how often it was killed, and how it ended.
"""

import json
import os
import re
import signal
import sys
from typing import Any

BEGIN = re.compile("LOCK TABLE|DELETE FROM django_migrations|CREATE TABLE|SET TRANSACTION|max\\(x")
"""The first statement of a migration, or of going on with it."""


def main() -> None:
    target, only = sys.argv[1], int((sys.argv[2:] or ["0"])[0])
    sys.path.insert(0, os.getcwd())
    os.environ["DJANGO_SETTINGS_MODULE"] = "product.settings"
    import django

    django.setup()
    number = only or 1
    while (ended := killed_at(target, number)) < 0 and not only:
        number += 1
    print(json.dumps({"killed": number - 1, "exit": ended}))


def killed_at(target: str, number: int) -> int:
    """How it ended that was killed at the statement of this number, if it had so many."""
    child = os.fork()
    if child == 0:
        migrate(target, number)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def migrate(target: str, number: int) -> None:
    from django.core.management import call_command
    from django.db import connection

    begun, count = False, 0

    def kill(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        nonlocal begun, count
        begun = begun or BEGIN.search(sql) is not None
        count += begun
        if count == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)

    connection.execute_wrappers.append(kill)
    call_command("migrate", "system_backups", target, verbosity=0)
    connection.close()
    os._exit(0)


if __name__ == "__main__":
    main()
