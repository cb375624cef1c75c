-- Notes which rows refer to a copy already: they are not taken back.
INSERT INTO restorelog_repointed_row (step, pointer, row_key, kind, what, was, now)
SELECT {step}, '{pointer}', {key}, '{kind}', 'there', NULL, m.consolidated_id
FROM {table}
JOIN restorelog_moved_row AS m ON m.kind = '{kind}' AND m.consolidated_id = {number}
WHERE {table}.{type_column} = {now_type}
