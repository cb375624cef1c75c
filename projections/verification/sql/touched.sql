-- What was recorded after a position: the streams, and of what kind their events are.
SELECT DISTINCT stream_id, topic
FROM event_store_event
WHERE position > ?
