-- Where the counters of the consolidated tables stood, before and after rows were moved.
CREATE TABLE restorelog_moved_counter (
    kind varchar(16) NOT NULL,
    step integer NOT NULL,
    base bigint NOT NULL,
    before_value bigint NULL,
    before_called integer NULL,
    after_value bigint NULL,
    PRIMARY KEY (kind, step)
)
