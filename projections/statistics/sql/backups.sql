-- Backups by a value: how many there are, how many no restore was made from, and of how many a
-- restore passed a check, or had one.
SELECT {value}, count(*),
       sum(CASE WHEN {restored} THEN 0 ELSE 1 END),
       sum(CASE WHEN {passed} THEN 1 ELSE 0 END),
       sum(CASE WHEN {checked} THEN 1 ELSE 0 END)
  FROM system_backups_backuplog AS backup
 WHERE {conditions}
 GROUP BY 1
