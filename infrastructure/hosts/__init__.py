"""Reading a host's database, and turning its rows into events."""
