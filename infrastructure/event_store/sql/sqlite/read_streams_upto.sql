-- Some streams, a JSON list, up to a position, in order; no state where it is longer than so many
-- bytes.
SELECT position, stream_id, stream_version, topic, schema_version,
       CASE WHEN length(state) <= ? THEN state END, metadata, recorded_at, salt, hash
FROM event_store_event
WHERE stream_id IN (SELECT value FROM json_each(?)) AND position <= ?
ORDER BY position
