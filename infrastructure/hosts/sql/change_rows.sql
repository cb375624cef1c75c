-- A row that reads differently, vanished (NULL) or returned.
UPDATE hosts_importedrow SET row_hash = %s WHERE source_table = %s AND key = %s
