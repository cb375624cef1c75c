-- Which row of the consolidated tables is the copy of which legacy row, and what both were like.
CREATE TABLE restorelog_moved_row (
    kind varchar(16) NOT NULL,
    legacy_id bigint NOT NULL,
    consolidated_id bigint NOT NULL,
    moved_at {moment} NOT NULL,
    step integer NOT NULL,
    last_step integer NOT NULL,
    lost_backup_id bigint NULL,
    source_digest varchar(64) NOT NULL,
    copy_digest varchar(64) NULL,
    PRIMARY KEY (kind, legacy_id),
    UNIQUE (kind, consolidated_id)
)
