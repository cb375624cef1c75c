-- How many restores of the host's own are referring to a moved backup.
SELECT count(*)
FROM {{table}} AS x
WHERE x.{{column}} IN (
    SELECT m.consolidated_id FROM restorelog_moved_row AS m
    WHERE m.kind = '{kind}' AND m.step = {step}{within[m.legacy_id]}
)
    AND NOT EXISTS (
        SELECT 1 FROM restorelog_moved_row AS r
        WHERE r.kind = 'restore' AND r.consolidated_id = x.id
            AND (r.step = {step} OR r.last_step = {step})
    )
