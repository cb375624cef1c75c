-- The restores that the overview shows: those that run, those that wait, those that failed lately,
-- and the latest. Each part is read from an index in its order, and ends after a few rows.
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
