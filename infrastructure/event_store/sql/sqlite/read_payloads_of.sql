-- What a replay needs of the records of some streams, a JSON list, up to a position.
SELECT position, stream_id, stream_version, topic, schema_version, state
FROM event_store_event
WHERE stream_id IN (SELECT value FROM json_each(?)) AND position <= ?
ORDER BY position
