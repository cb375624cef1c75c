-- Writes the changes of the legacy rows to their copies.
UPDATE {consolidated}
SET ({carried_columns}) = (
    SELECT {carried_values}
    {source}
    WHERE m.kind = '{kind}' AND m.consolidated_id = {consolidated}.id
)
WHERE id IN (SELECT s.id FROM {before} AS s)
