-- Notes what the copies are like.
UPDATE restorelog_moved_row
SET copy_digest = (
    SELECT {copy_digest}
    FROM {consolidated} AS t
    WHERE t.id = restorelog_moved_row.consolidated_id
)
WHERE kind = '{kind}' AND copy_digest IS NULL{within[legacy_id]}
