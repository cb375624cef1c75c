-- The backups that restores were made from, as of a position, each with the result of a check.
SELECT DISTINCT source_backup_id,
       CASE WHEN status IN ('completed', 'partial') THEN validation END
  FROM row_versions_restoreversion
 WHERE (block IN ({blocks}) OR cell IN ({cells})) AND source_backup_id IS NOT NULL AND {valid}
