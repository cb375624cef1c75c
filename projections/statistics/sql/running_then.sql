-- The restores that ran or waited at a position: their versions pass, and are found by their cell.
-- The joined text keeps databases from using the index of statuses, which has all that ever ran.
SELECT {value}, status, count(*)
  FROM row_versions_restoreversion
 WHERE cell IN ({cells}) AND status || '' IN ('pending', 'in_progress')
   AND coalesce(completed_at, started_at, created_at) >= %s
   AND coalesce(completed_at, started_at, created_at) < %s AND {valid}
 GROUP BY 1, 2
