-- The default stays: programs that do not know the column yet can go on inserting rows.
ALTER TABLE {consolidated} ADD COLUMN {target} varchar(100) DEFAULT '' NOT NULL
