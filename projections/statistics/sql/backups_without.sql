-- The latest backups without something.
SELECT id, backup_id, name, database_name, backup_type, created_at
  FROM system_backups_backuplog AS backup
 WHERE NOT {having} AND {conditions}
 ORDER BY created_at IS NULL, created_at DESC, id DESC
 LIMIT {most}
