-- What a replay needs of the records after a position: after, up to, how many at most.
SELECT position, stream_id, stream_version, topic, schema_version, state
FROM event_store_event
WHERE position > ? AND position <= ?
ORDER BY position
LIMIT ?
