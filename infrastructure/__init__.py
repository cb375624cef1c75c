"""Everything that touches the outside: settings, the event store, hosts."""
