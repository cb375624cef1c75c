"""The admin's time formats, by language, where Django looks for them; there is one."""
