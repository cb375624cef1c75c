-- Holds the copies, as they were, whose legacy rows' changes are written to them.
CREATE TABLE {before} AS
SELECT
    {saved_row}
FROM restorelog_moved_row AS m
JOIN {consolidated} AS t ON t.id = m.consolidated_id
WHERE 1 = 0
