-- The events that verification has to know of before it looks at rows, a page at a time.
SELECT position, topic, schema_version, stream_id, state
FROM event_store_event
WHERE position > ? AND position <= ? AND topic IN ({topics})
ORDER BY position
LIMIT 5000
