-- The index speaks for the log up to here.
UPDATE hosts_importcheckpoint SET position = %s, hash = %s, rows = %s, checksum = %s WHERE id = 1
