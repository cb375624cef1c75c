-- The longest restores, where the interval has many: by the index of durations, of which only
-- those from a duration on can be among them. The joined text keeps SQLite from using the index of
-- statuses, which leaves nearly all restores; the NULL, from that of the moments that count, which
-- leaves all of the interval. PostgreSQL leaves it out, and chooses itself.
SELECT id, restore_id, name, status, target_database, duration_seconds,
       coalesce(completed_at, started_at, created_at)
  FROM system_backups_restorelog
 WHERE duration_seconds >= %s AND status || '' IN ('completed', 'partial', 'failed')
   AND coalesce(completed_at, started_at, created_at, NULL) >= %s
   AND coalesce(completed_at, started_at, created_at, NULL) < %s
   AND (completed_at >= started_at OR completed_at IS NULL OR started_at IS NULL) {conditions}
 ORDER BY duration_seconds DESC, id DESC
 LIMIT %s
