-- Each table as [schema, name, rows]. The second statement is made of the first's answer; without
-- `count` it is told that rows are not counted.
SELECT CASE WHEN :'count' = 'yes'
    THEN format('SELECT json_build_array(%L, %L, count(*)) FROM %I.%I',
                schema.nspname, class.relname, schema.nspname, class.relname)
    ELSE format('SELECT json_build_array(%L, %L, NULL)', schema.nspname, class.relname)
END
FROM pg_class class JOIN pg_namespace schema ON schema.oid = class.relnamespace
WHERE class.relkind IN ('r', 'p', 'f')
  AND schema.nspname <> 'information_schema' AND schema.nspname !~ '^pg_'
ORDER BY schema.nspname, class.relname
\gexec
