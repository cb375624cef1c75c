-- Rows of the host's own to which a derived target database was written, and what was there.
CREATE TABLE restorelog_filled_row (
    consolidated_id bigint NOT NULL PRIMARY KEY,
    target_database varchar(255) NOT NULL,
    was varchar(255) NULL,
    step integer NOT NULL
)
