-- Writes what was noted.
UPDATE {consolidated} AS t
JOIN restorelog_filled_row AS f ON f.consolidated_id = t.id
SET t.{target} = f.target_database
WHERE f.step = {step}{within[f.consolidated_id]}
