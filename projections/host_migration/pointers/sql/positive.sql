-- A column of which each value may occur once: the ids were negative until all of them were written.
UPDATE {table} SET {column} = -{column} WHERE {column} < 0
