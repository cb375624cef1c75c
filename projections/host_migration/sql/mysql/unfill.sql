-- Puts back what was there.
UPDATE {consolidated} AS t
JOIN restorelog_filled_row AS f ON f.consolidated_id = t.id
SET t.{target} = f.was
WHERE f.step = {step}{within[f.consolidated_id]}
