-- The restores that run or wait, which the sums leave out; there are few, and an index has them.
SELECT {value}, status, count(*)
  FROM system_backups_restorelog
 WHERE status IN ('pending', 'in_progress')
   AND coalesce(completed_at, started_at, created_at) >= %s
   AND coalesce(completed_at, started_at, created_at) < %s {conditions}
 GROUP BY 1, 2
