-- The live generations of these projections, in the order in which everybody locks them.
-- Parameters: the state, and the labels.
SELECT {columns}
FROM engine_generation
WHERE state = %s AND label IN ({labels})
ORDER BY id
{lock}
