-- The backups of some origins.
SELECT id, backup_id, name, database_name, backup_type, created_at
  FROM system_backups_backuplog
 WHERE origin IN ({origins})
