-- The restores that had ended at a position, as they were then, in an interval of time.
-- A version that stays is in a block; a restore counts at its end, else at its start, else when it
-- was made: each has an index that begins with the block.
SELECT {columns}
  FROM row_versions_restoreversion
 WHERE block IN ({blocks}) AND completed_at >= %s AND completed_at < %s AND {valid}
UNION ALL
SELECT {columns}
  FROM row_versions_restoreversion
 WHERE block IN ({blocks}) AND started_at >= %s AND started_at < %s
   AND completed_at IS NULL AND {valid}
UNION ALL
SELECT {columns}
  FROM row_versions_restoreversion
 WHERE block IN ({blocks}) AND created_at >= %s AND created_at < %s
   AND completed_at IS NULL AND started_at IS NULL AND {valid}
