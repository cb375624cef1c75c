-- The foreign keys that were changed: what they were called and how they were declared, and what
-- they are called and how they are declared now.
CREATE TABLE restorelog_repointed_key (
    step integer NOT NULL,
    pointer {text} NOT NULL,
    was_name {text} NOT NULL,
    was_declared text NOT NULL,
    now_name {text} NOT NULL,
    now_declared text NOT NULL,
    PRIMARY KEY (step, pointer)
)
