"""For whoever runs the service: is it well, and how is it doing."""
