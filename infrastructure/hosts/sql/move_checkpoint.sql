-- The index is complete up to this position of the log.
UPDATE hosts_importcheckpoint SET position = %s, hash = %s, rows = %s, checksum = %s WHERE id = 1
