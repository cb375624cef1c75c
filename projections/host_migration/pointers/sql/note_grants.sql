-- Notes which permissions were given.
INSERT INTO restorelog_repointed_row (step, pointer, row_key, kind, what, was, now)
SELECT {step}, '{pointer}', {key}, '{kind}', 'added', NULL, {table}.{permission}
FROM {table}
JOIN auth_permission AS q ON q.id = {table}.{permission} AND q.content_type_id = {now_type}
WHERE NOT EXISTS (
    SELECT 1 FROM restorelog_repointed_row AS r
    WHERE r.step = {step} AND r.pointer = '{pointer}' AND r.row_key = {key}
)
