-- The server since it was started, the database in it, and the schema of the live tables.
SELECT concat_ws(
    ' ',
    extract(epoch FROM pg_postmaster_start_time()),
    (SELECT oid FROM pg_database WHERE datname = current_database()),
    current_schema()
)
