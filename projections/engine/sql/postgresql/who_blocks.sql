-- Other sessions that hold a lock on a table, each as one line for people. Parameter: its name.
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
WHERE held.relation = to_regclass(%s)
  AND held.granted
  AND held.pid <> pg_backend_pid()
ORDER BY activity.xact_start
