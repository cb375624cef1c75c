"""The administration of the log: accepted clock jumps and losses, with reasons."""
