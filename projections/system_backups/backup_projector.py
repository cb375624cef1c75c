"""The projector of the consolidated backup table. Pure: it uses no database, no other stream."""

from operator import attrgetter

from projections.mapping.backup_projector import BackupProjector
from projections.system_backups.mapping import BACKUPS, HOST_BACKUPS

project = BackupProjector(
    BACKUPS, HOST_BACKUPS, attrgetter("consolidated_id"), lambda backup_type: True
).project
