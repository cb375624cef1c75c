-- One record; the position was numbered under the head's lock.
INSERT INTO event_store_event
    (position, stream_id, stream_version, topic, schema_version, state, metadata,
     recorded_at, salt, hash)
VALUES (%s, encode(%s, 'hex')::uuid, %s, %s, %s, %s, %s, %s, %s, %s)
