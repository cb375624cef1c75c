-- Writes the ids of the counterparts.
UPDATE {table}
SET {column} = (
    SELECT {sign}m.{there} FROM restorelog_moved_row AS m
    WHERE m.kind = '{kind}' AND m.{here} = {table}.{column}
)
WHERE {column} IS NOT NULL
