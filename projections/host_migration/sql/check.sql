-- How many legacy rows there are to be moved, how many of them are as they are recorded, and how
-- many of their copies that were moved here are not.
SELECT
    count(*),
    coalesce(sum(CASE WHEN m.source_digest = {source_digest} THEN 1 ELSE 0 END), 0),
    coalesce(sum(
        CASE
            WHEN m.step = {step} AND (t.id IS NULL OR m.copy_digest <> {copy_digest}) THEN 1
            ELSE 0
        END
    ), 0)
FROM {legacy} AS l
LEFT JOIN restorelog_moved_row AS m ON m.kind = '{kind}' AND m.legacy_id = l.id{within[m.legacy_id]}
LEFT JOIN {consolidated} AS t ON t.id = m.consolidated_id
WHERE {wanted}{within[l.id]}
