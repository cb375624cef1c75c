-- What a replay needs of the records after a position: after, up to, how many at most.
SELECT position, uuid_send(stream_id), stream_version, topic, schema_version, state
FROM event_store_event
WHERE position > %s AND position <= %s
ORDER BY position
LIMIT %s
