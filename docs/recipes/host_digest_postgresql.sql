-- host-digest/1 for PostgreSQL 11 or newer: how many rows each of the host's four tables has, and
-- one digest over all of them. Any client can run this, as a role that may read the four tables. It
-- only reads. The README beside this file describes what it computes, and how to compare it with a
-- certificate.

BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SET LOCAL TIME ZONE 'UTC';
SET LOCAL DateStyle = 'ISO';
SET LOCAL IntervalStyle = 'postgres';
SET LOCAL extra_float_digits = 1;
SET LOCAL bytea_output = 'hex';

DO $recipe$
DECLARE
    tables text[] := ARRAY['database_management_backuplog', 'database_management_restorelog',
                           'system_backups_backuplog', 'system_backups_restorelog'];
    in_range text := 'BETWEEN %2$L AND %3$L THEN to_char(%1$I, ''YYYY-MM-DD"T"HH24:MI:SS.US'')';
    -- A database with encoding SQL_ASCII accepts any bytes as text: they are hashed as they are.
    encoding text := CASE current_setting('server_encoding')
                     WHEN 'SQL_ASCII' THEN 'SQL_ASCII' ELSE 'UTF8' END;
    found json[] := '{}';
    "table" text;
    "row" text;
    rows bigint;
    digest text;
BEGIN
    FOREACH "table" IN ARRAY tables LOOP
        -- A row is its cells, joined, in the order of the catalogue. A cell is - for NULL, else a
        -- letter for its type, its length in bytes, a colon and its value.
        SELECT string_agg(
                   format('CASE WHEN %1$I IS NOT DISTINCT FROM NULL THEN ''-'' ELSE ''%2$s'' ||'
                          ' octet_length(convert_to(%3$s, %4$L)) || '':'' || %3$s END',
                          name, letter, value, encoding),
                   ' || ' ORDER BY number)
        INTO "row"
        FROM (
            SELECT a.attnum AS number, a.attname AS name,
                   CASE WHEN t.typname = 'bool' THEN 'b'
                        WHEN t.typname IN ('int2', 'int4', 'int8') THEN 'i'
                        WHEN t.typname = 'bytea' THEN 'x'
                        ELSE 't' END AS letter,
                   CASE t.typname
                        WHEN 'bool' THEN format('%I::int::text', a.attname)
                        WHEN 'bytea' THEN format('encode(%I, ''hex'')', a.attname)
                        WHEN 'timestamptz' THEN
                            format('CASE WHEN %1$I ' || in_range || ' ELSE concat(%1$I) END',
                                   a.attname, '0001-01-01 00:00:00+00',
                                   '9999-12-31 23:59:59.999999+00')
                        WHEN 'timestamp' THEN
                            format('CASE WHEN %1$I ' || in_range || ' ELSE concat(%1$I) END',
                                   a.attname, '0001-01-01 00:00:00', '9999-12-31 23:59:59.999999')
                        -- A cast would remove the trailing blanks of char(n), and add a netmask to an address.
                        ELSE format('concat(%I)', a.attname)
                   END AS value
            FROM pg_attribute a
            JOIN pg_type t ON t.oid = a.atttypid
            WHERE a.attrelid = to_regclass(quote_ident("table"))
              AND a.attnum > 0 AND NOT a.attisdropped
        ) AS columns;
        CONTINUE WHEN "row" IS NULL;  -- there is no such table

        -- A row's hash is its SHA-256. The digest is the SHA-256 of all of them, in order of id.
        EXECUTE format(
            'SELECT count(*), encode(sha256(coalesce(string_agg(hash, ''''::bytea ORDER BY id),'
            ' ''''::bytea)), ''hex'')'
            ' FROM (SELECT id, sha256(convert_to(%s, %L)) AS hash FROM %I) AS hashed',
            "row", encoding, "table"
        ) INTO rows, digest;
        found := found || json_build_object('table', "table", 'rows', rows, 'digest', digest);
    END LOOP;
    -- A DO block returns no rows, so the result goes into a setting of this transaction.
    PERFORM set_config('host_digest.found', array_to_json(found)::text, true);
END
$recipe$;

SELECT one ->> 'table' AS "table", (one ->> 'rows')::bigint AS "rows", one ->> 'digest' AS digest
FROM json_array_elements(current_setting('host_digest.found')::json) AS one;

COMMIT;
