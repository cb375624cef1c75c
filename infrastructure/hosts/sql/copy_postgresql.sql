-- An empty, temporary index that replaces the permanent one for this session only.
CREATE TEMPORARY TABLE IF NOT EXISTS hosts_importedrow
    (LIKE hosts_importedrow INCLUDING INDEXES);
CREATE TEMPORARY TABLE IF NOT EXISTS hosts_importcheckpoint
    (LIKE hosts_importcheckpoint INCLUDING INDEXES)
