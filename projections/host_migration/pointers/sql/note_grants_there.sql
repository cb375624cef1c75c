-- Notes who has the permission for the consolidated model already: it is not taken back.
INSERT INTO restorelog_repointed_row (step, pointer, row_key, kind, what, was, now)
SELECT {step}, '{pointer}', {key}, '{kind}', 'there', NULL, {table}.{permission}
FROM {table}
JOIN auth_permission AS q ON q.id = {table}.{permission} AND q.content_type_id = {now_type}
