-- The same of the streams whose id's first digit, divided by the number of shares, leaves the
-- share's number: after, up to, number of shares, share, how many at most.
SELECT position, stream_id, stream_version, topic, schema_version, state
FROM event_store_event
WHERE position > %s AND position <= %s
  AND get_byte(uuid_send(stream_id), 0) / 16 %% %s = %s
ORDER BY position
LIMIT %s
