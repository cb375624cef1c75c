-- A row that is read in another way, has vanished (NULL) or has returned.
UPDATE hosts_importedrow SET row_hash = %s WHERE source_table = %s AND key = %s
