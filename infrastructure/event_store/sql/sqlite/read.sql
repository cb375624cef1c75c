-- Records after a position, in order: after, up to, how many at most.
SELECT position, stream_id, stream_version, topic, schema_version, state, metadata,
       recorded_at, salt, hash
FROM event_store_event
WHERE position > ? AND position <= ?
ORDER BY position
LIMIT ?
