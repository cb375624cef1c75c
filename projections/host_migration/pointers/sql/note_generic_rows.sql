-- Notes which rows are re-pointed: those whose legacy row has a copy.
INSERT INTO restorelog_repointed_row (step, pointer, row_key, kind, what, was, now)
SELECT {step}, '{pointer}', {key}, '{kind}', 'moved', m.legacy_id, m.consolidated_id
FROM {table}
JOIN restorelog_moved_row AS m ON m.kind = '{kind}' AND m.legacy_id = {number}
JOIN {consolidated} AS c ON c.id = m.consolidated_id
WHERE {table}.{type_column} = {was_type}
