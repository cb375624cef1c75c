-- How far the index speaks for the log.
SELECT position, hash, rows, checksum FROM hosts_importcheckpoint WHERE id = 1
