-- Removes their entries in the record.
DELETE FROM restorelog_filled_row
WHERE step = {step}{within[consolidated_id]}
