"""What `host_references` finds in a product's source, and what its patch changes."""
