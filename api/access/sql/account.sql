-- An account, in a row for each of its permissions, or in one row. Parameters: its id, three times.
SELECT account.*, held.app_label AS permission_app, held.codename AS permission_name
FROM auth_user AS account
LEFT JOIN ({permissions}) AS held ON 1 = 1
WHERE account.id = %s
