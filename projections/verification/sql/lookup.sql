-- A value of another table, for each row of this one.
(SELECT {name} FROM {other} AS other WHERE other.{key} = {column} LIMIT 1)
