-- The schema of the extension for trigrams; no row where it is not installed.
SELECT n.nspname
FROM pg_opclass AS o
JOIN pg_namespace AS n ON n.oid = o.opcnamespace
JOIN pg_am AS m ON m.oid = o.opcmethod
WHERE o.opcname = 'gin_trgm_ops' AND m.amname = 'gin'
