-- One stream, oldest first.
SELECT position, stream_id, stream_version, topic, schema_version, state, metadata,
       recorded_at, salt, hash
FROM event_store_event
WHERE stream_id = ?
ORDER BY stream_version
