(
    SELECT
        l.*,
        (
            SELECT c.base FROM restorelog_moved_counter AS c
            WHERE c.kind = '{kind}' AND c.step = {step}
        ) + row_number() OVER (ORDER BY l.id) AS restorelog_copy
    FROM {legacy} AS l
    WHERE {wanted}{within[l.id]}
        AND NOT EXISTS (
            SELECT 1 FROM restorelog_moved_row AS m
            WHERE m.kind = '{kind}' AND m.legacy_id = l.id{within[m.legacy_id]}
        )
) AS l
