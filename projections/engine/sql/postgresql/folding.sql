-- The collation with which `lower` maps each character by itself, the best first.
SELECT collname
FROM pg_collation
WHERE
    collname IN ('pg_c_utf8', 'C.utf8', 'C.UTF-8', 'en_US.utf8', 'und-x-icu')
    AND collnamespace = 'pg_catalog'::regnamespace
    AND collencoding IN (-1, pg_char_to_encoding(getdatabaseencoding()))
ORDER BY
    array_position(
        ARRAY['pg_c_utf8', 'C.utf8', 'C.UTF-8', 'en_US.utf8', 'und-x-icu'], collname::text
    )
LIMIT 1
