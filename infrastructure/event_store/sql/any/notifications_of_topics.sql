-- The same, of some topics only.
SELECT position, stream_id, stream_version, topic, state
FROM event_store_event
WHERE position > %s AND position <= %s AND topic IN (%s)
ORDER BY position
LIMIT %s
