-- Writes what was noted.
UPDATE {consolidated}
SET {target} = (
    SELECT f.target_database FROM restorelog_filled_row AS f
    WHERE f.consolidated_id = {consolidated}.id
)
WHERE id IN (
    SELECT f.consolidated_id FROM restorelog_filled_row AS f
    WHERE f.step = {step}{within[f.consolidated_id]}
)
