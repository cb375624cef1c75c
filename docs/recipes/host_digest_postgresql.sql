-- host-digest/1 for PostgreSQL 11 or newer: how many rows each of the host's four tables has, and
-- one digest over all of them. Any client can run this; it only reads. What it computes, and how to
-- compare it with a certificate, is said in the README beside this file.

BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SET LOCAL TIME ZONE 'UTC';
SET LOCAL DateStyle = 'ISO';
SET LOCAL IntervalStyle = 'postgres';
SET LOCAL extra_float_digits = 1;
SET LOCAL bytea_output = 'hex';
SET LOCAL standard_conforming_strings = on;

WITH wanted (name) AS (
    VALUES ('database_management_backuplog'), ('database_management_restorelog'),
           ('system_backups_backuplog'), ('system_backups_restorelog')
),
-- Every column in the order of the catalogue: the letter of its cells, and its value as text.
cells AS (
    SELECT wanted.name, a.attnum,
           CASE WHEN t.typname = 'bool' THEN 'b'
                WHEN t.typname IN ('int2', 'int4', 'int8') THEN 'i'
                WHEN t.typname = 'bytea' THEN 'x'
                ELSE 't' END AS letter,
           format(
               CASE WHEN t.typname = 'bool' THEN '%1$I::int::text'
                    WHEN t.typname = 'bytea' THEN 'encode(%1$I, ''hex'')'
                    -- Not a cast, which would take a char(n)'s blanks and add an address's netmask.
                    WHEN t.typname NOT IN ('timestamp', 'timestamptz') THEN 'concat(%1$I)'
                    ELSE 'CASE WHEN %1$I BETWEEN ''0001-01-01 00:00:00%2$s'''
                         ' AND ''9999-12-31 23:59:59.999999%2$s'''
                         ' THEN to_char(%1$I, ''YYYY-MM-DD"T"HH24:MI:SS.US'') ELSE concat(%1$I) END'
               END,
               a.attname, CASE WHEN t.typname = 'timestamptz' THEN '+00' ELSE '' END
           ) AS value
    FROM wanted
    JOIN pg_attribute a ON a.attrelid = to_regclass(quote_ident(wanted.name))
    JOIN pg_type t ON t.oid = a.atttypid
    WHERE a.attnum > 0 AND NOT a.attisdropped
),
-- A cell: - for NULL, else letter, length in bytes, colon, value. A row: its cells joined.
rows_of AS (
    SELECT c.name,
           string_agg(
               format(
                   'CASE WHEN %1$I IS NULL THEN ''-'' ELSE %2$L'
                   ' || octet_length(convert_to(%3$s, ''UTF8'')) || '':'' || %3$s END',
                   a.attname, c.letter, c.value
               ),
               ' || ' ORDER BY c.attnum
           ) AS line
    FROM cells c
    JOIN pg_attribute a
      ON a.attrelid = to_regclass(quote_ident(c.name)) AND a.attnum = c.attnum
    GROUP BY c.name
),
-- A row's hash: SHA-256. The table's: SHA-256 over its rows' hashes in order of id.
answers AS (
    SELECT name,
           query_to_xml(
               format(
                   'SELECT count(*) AS n, encode(sha256(coalesce('
                   'string_agg(hash, ''''::bytea ORDER BY id), ''''::bytea)), ''hex'') AS d '
                   'FROM (SELECT id, sha256(convert_to(%s, ''UTF8'')) AS hash FROM %I) AS hashed',
                   line, name
               ),
               false, false, ''
           )::text AS xml
    FROM rows_of
)
SELECT name AS "table",
       substring(xml FROM '<n>(\d+)</n>')::bigint AS "rows",
       substring(xml FROM '<d>([0-9a-f]+)</d>') AS digest
FROM answers
ORDER BY name;

COMMIT;
