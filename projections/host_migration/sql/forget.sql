-- Removes their entries in the record.
DELETE FROM restorelog_moved_row
WHERE kind = '{kind}' AND step = {step}{within[legacy_id]}
