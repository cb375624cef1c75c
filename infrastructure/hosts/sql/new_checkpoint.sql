-- The checkpoint of an empty index.
INSERT INTO hosts_importcheckpoint (id, position, hash, rows, checksum)
VALUES (1, 0, %s, 0, %s)
ON CONFLICT DO NOTHING
