-- One record; the positions were numbered under the head's lock. The driver's own parameters.
INSERT INTO event_store_event
    (position, stream_id, stream_version, topic, schema_version, state, metadata,
     recorded_at, salt, hash)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
