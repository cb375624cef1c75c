-- How many rows of each table were re-pointed, and how many were left as they are.
CREATE TABLE restorelog_repointed (
    step integer NOT NULL,
    pointer {text} NOT NULL,
    kind varchar(16) NOT NULL,
    what varchar(16) NOT NULL,
    repointed bigint NOT NULL,
    left_alone bigint NOT NULL,
    PRIMARY KEY (step, pointer, kind)
)
