-- Gives those who have a permission for the legacy model the same one for the consolidated model.
INSERT INTO {table} ({holder}, {permission})
SELECT g.{holder}, q.id
FROM {table} AS g
JOIN auth_permission AS p ON p.id = g.{permission} AND p.content_type_id = {was_type}
JOIN auth_permission AS q ON q.codename = p.codename AND q.content_type_id = {now_type}
WHERE NOT EXISTS (
    SELECT 1 FROM {table} AS h WHERE h.{holder} = g.{holder} AND h.{permission} = q.id
)
