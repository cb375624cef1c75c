-- The live generations, in the order in which everybody locks them.
SELECT {columns}
FROM engine_generation
WHERE state = '{state}'
ORDER BY id
{lock}
