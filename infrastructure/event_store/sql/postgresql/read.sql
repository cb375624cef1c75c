-- Records after a position, in order: after, up to, how many at most.
SELECT position, uuid_send(stream_id), stream_version, topic, schema_version, state, metadata,
       recorded_at, salt, hash
FROM event_store_event
WHERE position > %s AND position <= %s
ORDER BY position
LIMIT %s
