-- How many rows are referring to a copy through one foreign key. Names come from the catalogue.
SELECT count(*)
FROM {{table}} AS x
WHERE x.{{column}} IN (
    SELECT m.consolidated_id FROM restorelog_moved_row AS m
    WHERE m.kind = '{kind}' AND m.step = {step}{within[m.legacy_id]}
)
