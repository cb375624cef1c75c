#!/usr/bin/env python
"""The service's command line: `manage.py help` lists what it can do."""

import os
import sys


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "infrastructure.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db.utils import OperationalError

    from domain.errors import RestoreLogError
    from infrastructure.databases import one_line

    try:
        execute_from_command_line(sys.argv)
    except (RestoreLogError, ImproperlyConfigured, OperationalError) as error:
        print(f"{os.path.basename(sys.argv[0])}: {one_line(error)}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
