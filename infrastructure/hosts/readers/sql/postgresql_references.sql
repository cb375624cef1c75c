-- A table's foreign keys of one column; the other table as SQL spells it.
SELECT own.attname, c.confrelid::regclass::text, other.attname
FROM pg_constraint AS c
JOIN pg_attribute AS own ON own.attrelid = c.conrelid AND own.attnum = c.conkey[1]
JOIN pg_attribute AS other ON other.attrelid = c.confrelid AND other.attnum = c.confkey[1]
WHERE c.conrelid = to_regclass(%s) AND c.contype = 'f' AND cardinality(c.conkey) = 1
