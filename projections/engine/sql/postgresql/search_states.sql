-- The search indexes of tables: whether each is usable, and whether a session is building one.
-- Two parameters for each table: its name in quotes, and that of its index.
WITH building AS (
    SELECT EXISTS (
        SELECT 1
        FROM pg_locks
        WHERE
            locktype = 'advisory'
            AND granted
            AND (classid::bigint << 32 | objid::bigint) = {lock}
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    ) AS is_running
)
SELECT
    asked.index,
    coalesce(
        (
            SELECT i.indisvalid
            FROM pg_index AS i
            JOIN pg_class AS c ON c.oid = i.indexrelid
            WHERE i.indrelid = to_regclass(asked.quoted) AND c.relname = asked.index
        ),
        false
    ),
    building.is_running
FROM (VALUES {asked}) AS asked (quoted, index)
CROSS JOIN building
