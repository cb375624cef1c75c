-- Rows whose target database is no longer the one that was written.
SELECT t.id, count(*) OVER ()
FROM restorelog_filled_row AS f
JOIN {consolidated} AS t ON t.id = f.consolidated_id
WHERE f.step = {step}{within[f.consolidated_id]} AND {differ}
ORDER BY t.id
LIMIT 10
