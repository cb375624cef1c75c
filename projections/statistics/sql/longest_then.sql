-- The longest restores as of a position, where the interval has many: by the index of durations.
-- The joined text keeps SQLite from using the index of statuses, which leaves nearly all restores.
SELECT id, restore_id, name, status, target_database, duration_seconds,
       coalesce(completed_at, started_at, created_at)
  FROM row_versions_restoreversion
 WHERE block IN ({blocks}) AND duration_seconds >= %s
   AND status || '' IN ('completed', 'partial', 'failed')
   AND coalesce(completed_at, started_at, created_at) >= %s
   AND coalesce(completed_at, started_at, created_at) < %s
   AND (completed_at >= started_at OR completed_at IS NULL OR started_at IS NULL) AND {valid}
 ORDER BY duration_seconds DESC, id DESC
 LIMIT %s
