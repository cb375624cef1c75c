-- Every event of some streams up to a position, oldest first.
SELECT stream_id, position, topic, schema_version, state
FROM event_store_event
WHERE stream_id IN ({streams}) AND position <= ?
ORDER BY stream_id, stream_version
