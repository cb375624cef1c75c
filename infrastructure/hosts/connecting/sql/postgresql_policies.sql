-- Tables where row-level security is in force for this role.
SELECT name
FROM unnest(%s::text[]) AS name
WHERE row_security_active(to_regclass(name))
