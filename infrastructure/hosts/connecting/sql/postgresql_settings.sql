-- Those of the settings that this version of the server knows, and what they are now.
SELECT name, current_setting(name) FROM pg_settings WHERE name = ANY(%s) ORDER BY name
