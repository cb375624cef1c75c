-- The rows that were re-pointed ("moved"), the permissions that were given ("added"), and the rows
-- that referred to a copy already, or had such a permission ("there").
CREATE TABLE restorelog_repointed_row (
    step integer NOT NULL,
    pointer {text} NOT NULL,
    row_key {text} NOT NULL,
    kind varchar(16) NOT NULL,
    what varchar(16) NOT NULL,
    was bigint NULL,
    now bigint NULL,
    PRIMARY KEY (step, pointer, row_key)
)
