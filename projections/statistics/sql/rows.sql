-- What counts about the restores that do not run, in pieces of time, from their own rows.
-- A restore counts at its end, else at its start, else when it was made: each has an index.
WITH piece (number, begins, ends) AS (VALUES {pieces}),
fact AS (
    SELECT piece.number, {value} AS value, status, validation, duration_seconds,
           completed_at < started_at AS backwards
      FROM piece CROSS JOIN system_backups_restorelog
     WHERE completed_at >= piece.begins AND completed_at < piece.ends {conditions}
    UNION ALL
    SELECT piece.number, {value}, status, validation, duration_seconds, NULL
      FROM piece CROSS JOIN system_backups_restorelog
     WHERE started_at >= piece.begins AND started_at < piece.ends
       AND completed_at IS NULL {conditions}
    UNION ALL
    SELECT piece.number, {value}, status, validation, duration_seconds, NULL
      FROM piece CROSS JOIN system_backups_restorelog
     WHERE created_at >= piece.begins AND created_at < piece.ends
       AND completed_at IS NULL AND started_at IS NULL {conditions}
)
SELECT number, value, status, validation, duration_seconds, backwards, count(*)
  FROM fact
 WHERE status NOT IN ('pending', 'in_progress')
 GROUP BY number, value, status, validation, duration_seconds, backwards
