-- Removes the copies.
DELETE FROM {consolidated}
WHERE id IN (
    SELECT m.consolidated_id FROM restorelog_moved_row AS m
    WHERE m.kind = '{kind}' AND m.step = {step}{within[m.legacy_id]}
)
