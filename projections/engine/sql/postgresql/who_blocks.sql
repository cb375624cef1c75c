-- Other sessions that hold a lock on one of these tables, each as one line for people.
-- Parameter: their names.
SELECT format(
    'session %%s of %%s (%%s) holds it, in a transaction since %%s: %%s',
    activity.pid,
    activity.usename,
    coalesce(nullif(activity.application_name, ''), 'unnamed'),
    to_char(activity.xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"'),
    left(regexp_replace(activity.query, '\s+', ' ', 'g'), 120)
)
FROM pg_locks AS held
JOIN pg_stat_activity AS activity ON activity.pid = held.pid
WHERE held.relation IN (SELECT to_regclass(name) FROM unnest(%s::text[]) AS name)
  AND held.granted
  AND held.pid <> pg_backend_pid()
ORDER BY activity.xact_start
