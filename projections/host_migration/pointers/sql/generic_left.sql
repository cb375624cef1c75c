-- How many rows refer to legacy rows that are gone, or to nothing that is an id.
SELECT count(*) FROM {table} WHERE {type_column} = {was_type}
