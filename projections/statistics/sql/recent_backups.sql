-- The latest backups of an interval: whether a restore was made from each, and whether one had a
-- check. A restore is asked for after its backup was made, so only later ones are looked through;
-- those with a check have an index. The joined text keeps databases from using that of statuses.
SELECT id, backup_id, name, database_name, backup_type, created_at, {restored},
       id IN (SELECT source_backup_id FROM system_backups_restorelog
               WHERE validation IN ('passed', 'failed') AND created_at >= %s
                 AND status || '' IN ('completed', 'partial') AND source_backup_id IS NOT NULL)
  FROM (SELECT id, backup_id, name, database_name, backup_type, created_at
          FROM system_backups_backuplog
         WHERE {conditions}
         ORDER BY created_at DESC, id DESC
         LIMIT %s) AS backup
 ORDER BY created_at DESC, id DESC
