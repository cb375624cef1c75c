-- The applied migrations of a Django project, the first one first.
SELECT app, name FROM django_migrations ORDER BY id
