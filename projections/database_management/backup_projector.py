"""The projector of the legacy backup table. Pure: it uses no database and no other stream."""

from operator import attrgetter

from domain.backups.backup import stands_in_legacy
from projections.database_management.mapping import BACKUPS, HOST_BACKUPS
from projections.mapping.backup_projector import BackupProjector

project = BackupProjector(BACKUPS, HOST_BACKUPS, attrgetter("legacy_id"), stands_in_legacy).project
