"""Code that the projectors share: mapping a host row to a row here, and what a column can hold."""
