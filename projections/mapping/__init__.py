"""What the projectors share: from a host row to a projection row, and what a column can hold."""
