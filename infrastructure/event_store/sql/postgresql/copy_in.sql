-- Records in bulk; the positions were numbered under the head's lock.
COPY event_store_event
    (position, stream_id, stream_version, topic, schema_version, state, metadata,
     recorded_at, salt, hash)
FROM STDIN WITH (FORMAT BINARY)
