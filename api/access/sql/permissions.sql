-- The permissions of an account, its own and those of its groups. Parameters: its id, twice.
SELECT content.app_label, permission.codename
FROM auth_permission AS permission
JOIN django_content_type AS content ON content.id = permission.content_type_id
WHERE permission.id IN (
    SELECT permission_id FROM auth_user_user_permissions WHERE user_id = %s
    UNION ALL
    SELECT grouped.permission_id
    FROM auth_group_permissions AS grouped
    JOIN auth_user_groups AS membership ON membership.group_id = grouped.group_id
    WHERE membership.user_id = %s
)
