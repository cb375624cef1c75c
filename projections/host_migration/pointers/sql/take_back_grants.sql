-- Takes back the permissions that were given, and no others.
DELETE FROM {table}
WHERE EXISTS (
    SELECT 1 FROM restorelog_repointed_row AS r
    WHERE r.step = {step} AND r.pointer = '{pointer}' AND r.row_key = {key}
        AND r.kind = '{kind}' AND r.what = 'added' AND r.now = {table}.{permission}
)
