-- The keys of the first rows of several parts, each of which is in this order already.
SELECT "valid_from"
FROM (
    {parts}
) AS parts
ORDER BY {order}
LIMIT {count}
