-- How many permissions were given for the legacy model that the consolidated model does not have.
SELECT count(*)
FROM {table}
JOIN auth_permission AS p ON p.id = {table}.{permission} AND p.content_type_id = {was_type}
WHERE NOT EXISTS (
    SELECT 1 FROM auth_permission AS q
    WHERE q.codename = p.codename AND q.content_type_id = {now_type}
)
