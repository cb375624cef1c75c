-- The checkpoint of an index that knows nothing.
INSERT INTO hosts_importcheckpoint (id, position, hash, rows, checksum)
VALUES (1, 0, %s, 0, %s)
ON CONFLICT DO NOTHING
