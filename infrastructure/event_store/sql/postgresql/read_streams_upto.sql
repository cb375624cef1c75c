-- Some streams up to a position, in order; no state where it is longer than so many bytes.
SELECT position, uuid_send(stream_id), stream_version, topic, schema_version,
       CASE WHEN octet_length(state) <= %s THEN state END, metadata, recorded_at, salt, hash
FROM event_store_event
WHERE stream_id = ANY(%s) AND position <= %s
ORDER BY position
