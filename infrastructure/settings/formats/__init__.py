"""How the admin writes times. By language, as Django looks for them; there is one."""
