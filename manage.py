#!/usr/bin/env python
"""The service's command line: `manage.py help` lists what it can do."""

import os
import sys

from api.client.standard_files import open_closed


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "infrastructure.settings")
    open_closed()
    from api.management.command_line import run

    return run(sys.argv)


if __name__ == "__main__":
    sys.exit(main())
