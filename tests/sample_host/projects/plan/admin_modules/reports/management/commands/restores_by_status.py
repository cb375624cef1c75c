"""The report on the terminal: restores by status in both tables, as JSON."""

import json
from typing import Any

from django.core.management.base import BaseCommand

from admin_modules.reports.counts import restores_by_status


class Command(BaseCommand):
    """Count the restores of each status in both tables."""

    help = "Counts the restores of each status in both tables."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(json.dumps(restores_by_status(), indent=2))
