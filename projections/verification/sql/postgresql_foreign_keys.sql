-- Foreign keys of a single column; the other table as SQL spells it.
SELECT a.attname, k.confrelid::regclass::text, b.attname
FROM pg_constraint k
JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = k.confkey[1]
WHERE k.conrelid = to_regclass(?) AND k.contype = 'f' AND array_length(k.conkey, 1) = 1
