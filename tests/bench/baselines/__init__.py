"""What we are compared with: the library's own projection runner, and the plan's own loop."""
