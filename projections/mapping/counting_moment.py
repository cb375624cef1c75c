"""The moment at which a restore counts, in lists and in statistics.

It is the restore's end; its start, while it has no end; and when its row was made, if it has
neither.
"""

from typing import Final

from django.db.models.functions import Coalesce

COUNTS_AT: Final = Coalesce("completed_at", "started_at", "created_at")
"""The moment, as an expression over the columns of a table of restores. An index has it."""
