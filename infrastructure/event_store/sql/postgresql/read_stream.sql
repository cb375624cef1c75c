-- One stream, oldest first.
SELECT position, uuid_send(stream_id), stream_version, topic, schema_version, state, metadata,
       recorded_at, salt, hash
FROM event_store_event
WHERE stream_id = %s
ORDER BY stream_version
