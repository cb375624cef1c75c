-- Writes the ids of the legacy rows, also where a copy was referred to since.
UPDATE {table}
SET {object_column} = (
        SELECT {legacy_id} FROM restorelog_moved_row AS m
        WHERE m.kind = '{kind}' AND m.consolidated_id = {number}
    ),
    {type_column} = {was_type}
WHERE {type_column} = {now_type}
    AND EXISTS (
        SELECT 1 FROM restorelog_moved_row AS m
        WHERE m.kind = '{kind}' AND m.consolidated_id = {number}
    )
    AND NOT EXISTS (
        SELECT 1 FROM restorelog_repointed_row AS r
        WHERE r.step = {step} AND r.pointer = '{pointer}' AND r.row_key = {key}
            AND r.what = 'there'
    )
