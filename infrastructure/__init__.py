"""Access to the outside: settings, the event store, hosts."""
