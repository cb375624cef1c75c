-- The longest restores, where the interval has few: all of its restores, by the indexes of times.
-- The sum keeps SQLite from using the index of durations, which has those of all times.
WITH piece (number, begins, ends) AS (VALUES {pieces}),
few AS (
    SELECT id FROM piece CROSS JOIN system_backups_restorelog
     WHERE completed_at >= piece.begins AND completed_at < piece.ends
       AND duration_seconds + 0 >= %s
       AND (completed_at >= started_at OR started_at IS NULL) {conditions}
    UNION ALL
    SELECT id FROM piece CROSS JOIN system_backups_restorelog
     WHERE started_at >= piece.begins AND started_at < piece.ends
       AND completed_at IS NULL AND duration_seconds + 0 >= %s {conditions}
    UNION ALL
    SELECT id FROM piece CROSS JOIN system_backups_restorelog
     WHERE created_at >= piece.begins AND created_at < piece.ends
       AND completed_at IS NULL AND started_at IS NULL AND duration_seconds + 0 >= %s {conditions}
)
SELECT id, restore_id, name, status, target_database, duration_seconds,
       coalesce(completed_at, started_at, created_at)
  FROM system_backups_restorelog
 WHERE id IN (SELECT id FROM few) AND status IN ('completed', 'partial', 'failed')
 ORDER BY duration_seconds DESC, id DESC
 LIMIT %s
