-- The longest restores as of a position, where the interval has few.
WITH few AS ({ended})
SELECT id, restore_id, name, status, target_database, duration_seconds, moment
  FROM few
 WHERE duration_seconds >= %s AND status IN ('completed', 'partial', 'failed') AND NOT backwards
 ORDER BY duration_seconds DESC, id DESC
 LIMIT %s
