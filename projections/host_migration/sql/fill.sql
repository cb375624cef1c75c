-- Notes the target database of each row of the host's own that has none: its backup's database.
INSERT INTO restorelog_filled_row (consolidated_id, target_database, was, step)
SELECT t.id, {derived}, t.{target}, {step}
FROM {consolidated} AS t
{join}
WHERE (t.{target} IS NULL OR ({target_is_empty} AND NOT ({derived_is_empty}))){within[t.id]}
    AND NOT EXISTS (
        SELECT 1 FROM restorelog_moved_row AS m
        WHERE m.kind = 'restore' AND m.consolidated_id = t.id
    )
    AND NOT EXISTS (
        SELECT 1 FROM restorelog_filled_row AS f WHERE f.consolidated_id = t.id
    )
