-- Events after a position, in order: after, up to, how many at most.
SELECT position, stream_id, stream_version, topic, state
FROM event_store_event
WHERE position > %s AND position <= %s
ORDER BY position
LIMIT %s
