-- The schemas of the search path that do not exist, or that this role must not use.
SELECT name
FROM unnest(string_to_array(current_setting('search_path'), ',')) AS entry,
     trim(entry) AS name
WHERE name NOT IN ('"$user"', '$user')
  AND coalesce(NOT has_schema_privilege(to_regnamespace(name), 'USAGE'), true)
