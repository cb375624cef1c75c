-- The restores that the overview shows: those that are watched, those that run or wait, that failed
-- lately, and the latest. Each part is read from an index in its order, and ends after a few rows.
SELECT id FROM system_backups_restorelog
 WHERE restore_id IN (
    SELECT restore_id FROM (
        SELECT restore_id FROM running_heartbeat ORDER BY last_at DESC LIMIT %s) AS watched)
UNION ALL
SELECT id FROM (
    SELECT id FROM system_backups_restorelog WHERE status = 'in_progress'
     ORDER BY created_at DESC, id DESC LIMIT %s) AS running
UNION ALL
SELECT id FROM (
    SELECT id FROM system_backups_restorelog WHERE status = 'pending'
     ORDER BY created_at DESC, id DESC LIMIT %s) AS waiting
UNION ALL
SELECT id FROM (
    SELECT id FROM system_backups_restorelog
     WHERE status = 'failed' AND created_at >= %s AND created_at < %s
     ORDER BY created_at DESC, id DESC LIMIT %s) AS failed
UNION ALL
SELECT id FROM (
    SELECT id FROM system_backups_restorelog WHERE created_at < %s
     ORDER BY created_at DESC, id DESC LIMIT %s) AS latest
