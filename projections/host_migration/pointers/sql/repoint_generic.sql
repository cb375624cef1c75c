-- Writes the ids of the copies, and the content type that goes with them.
UPDATE {table}
SET {object_column} = (
        SELECT {now} FROM restorelog_repointed_row AS r
        WHERE r.step = {step} AND r.pointer = '{pointer}' AND r.row_key = {key}
    ),
    {type_column} = {now_type}
WHERE EXISTS (
    SELECT 1 FROM restorelog_repointed_row AS r
    WHERE r.step = {step} AND r.pointer = '{pointer}' AND r.row_key = {key}
        AND r.kind = '{kind}' AND r.what = 'moved'
)
