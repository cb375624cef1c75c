-- The same of the streams whose id's first digit, divided by the number of shares, leaves the
-- share's number: after, up to, number of shares, share, how many at most.
SELECT position, stream_id, stream_version, topic, schema_version, state
FROM event_store_event
WHERE position > %s AND position <= %s
  AND (instr('0123456789abcdef', substr(stream_id, 1, 1)) - 1) %% %s = %s
ORDER BY position
LIMIT %s
