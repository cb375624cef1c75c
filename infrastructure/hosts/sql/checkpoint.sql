-- The log position up to which the index is complete.
SELECT position, hash, rows, checksum FROM hosts_importcheckpoint WHERE id = 1
