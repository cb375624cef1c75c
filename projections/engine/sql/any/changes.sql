-- The rows by which a table that was built anew differs from the live one, in order of id. Rows
-- are compared as their digests are made: as text, each column with its type and length.
SELECT {id}, kind FROM (
    SELECT building.{id}, 'appears' AS kind
    FROM {building} AS building
    WHERE NOT EXISTS (SELECT 1 FROM {live} AS live WHERE live.{id} = building.{id})
    UNION ALL
    SELECT live.{id}, 'disappears' AS kind
    FROM {live} AS live
    WHERE NOT EXISTS (SELECT 1 FROM {building} AS building WHERE building.{id} = live.{id})
    UNION ALL
    SELECT live.{id}, 'changes' AS kind
    FROM (SELECT {id}, {row} AS written FROM {live}) AS live
    JOIN (SELECT {id}, {row} AS written FROM {building}) AS building
        ON building.{id} = live.{id}
    WHERE building.written <> live.written
) AS differing
ORDER BY {id}
