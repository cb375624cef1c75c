-- An empty index in the place of the one that is kept, for this session alone.
CREATE TEMPORARY TABLE IF NOT EXISTS hosts_importedrow
    (LIKE hosts_importedrow INCLUDING INDEXES);
CREATE TEMPORARY TABLE IF NOT EXISTS hosts_importcheckpoint
    (LIKE hosts_importcheckpoint INCLUDING INDEXES)
