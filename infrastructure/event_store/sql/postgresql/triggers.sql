-- The log's triggers: whether each is enabled, its kind, whether it is unconditional, what it does.
SELECT t.tgname, t.tgenabled::text, t.tgtype::integer,
       t.tgqual IS NULL AND t.tgattr::text = '', p.prosrc
FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid
WHERE t.tgrelid = to_regclass('event_store_event') AND NOT t.tgisinternal
