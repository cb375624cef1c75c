-- What counted about the restores that had ended at a position.
WITH fact AS ({ended})
SELECT value, status, validation, duration_seconds, backwards, count(*)
  FROM fact
 GROUP BY value, status, validation, duration_seconds, backwards
