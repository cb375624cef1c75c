-- The latest backups of an interval: whether a restore was made from each, and whether one had a
-- check. The restores of a backup with a check have an index. The joined text keeps databases from
-- using that of statuses.
SELECT id, backup_id, name, database_name, backup_type, created_at, {restored},
       EXISTS (SELECT 1 FROM system_backups_restorelog AS checked
                WHERE checked.source_backup_id = backup.id AND checked.validation IS NOT NULL
                  AND checked.status || '' IN ('completed', 'partial'))
  FROM (SELECT id, backup_id, name, database_name, backup_type, created_at
          FROM system_backups_backuplog
         WHERE {conditions}
         ORDER BY created_at DESC, id DESC
         LIMIT %s) AS backup
 ORDER BY created_at DESC, id DESC
