-- Writes the changes of the legacy rows to their copies.
UPDATE {consolidated}
SET ({carried_columns}) = (
    SELECT {carried_values}
    {source}
    WHERE m.kind = '{kind}' AND m.consolidated_id = {consolidated}.id
)
WHERE id IN (
    SELECT m.consolidated_id FROM restorelog_moved_row AS m
    WHERE m.kind = '{kind}' AND m.copy_digest IS NULL{within[m.legacy_id]}
)
