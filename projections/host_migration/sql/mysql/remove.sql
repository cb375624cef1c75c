-- Removes the copies.
DELETE t
FROM {consolidated} AS t
JOIN restorelog_moved_row AS m ON m.consolidated_id = t.id
WHERE m.kind = '{kind}' AND m.step = {step}{within[m.legacy_id]}
