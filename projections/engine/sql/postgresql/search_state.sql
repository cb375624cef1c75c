-- The search index of a table: whether it is usable, and whether a session is building one.
SELECT
    coalesce(
        (
            SELECT i.indisvalid
            FROM pg_index AS i
            JOIN pg_class AS c ON c.oid = i.indexrelid
            WHERE i.indrelid = to_regclass(%s) AND c.relname = %s
        ),
        false
    ),
    EXISTS (
        SELECT 1
        FROM pg_locks
        WHERE
            locktype = 'advisory'
            AND granted
            AND (classid::bigint << 32 | objid::bigint) = %s
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    )
