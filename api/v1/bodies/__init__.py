"""Request bodies: what is not understood is refused, never ignored or converted."""
