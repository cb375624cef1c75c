-- A table's columns in their order, generated ones too, with the type as declared.
SELECT name, lower(type) FROM pragma_table_xinfo(?) WHERE hidden <> 1
