-- Up to which id the rows are in the search index, and since when.
CREATE TABLE "{table}_search_filled" (upto INTEGER NOT NULL, at REAL NOT NULL)
