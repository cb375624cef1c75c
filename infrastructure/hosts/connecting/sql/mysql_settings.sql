-- Those of the session's variables that this server knows, and what they are now.
SHOW SESSION VARIABLES WHERE variable_name IN ({names})
