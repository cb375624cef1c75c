-- What a replay needs of the records of some streams up to a position.
SELECT position, uuid_send(stream_id), stream_version, topic, schema_version, state
FROM event_store_event
WHERE stream_id = ANY(%s) AND position <= %s
ORDER BY position
