"""The consolidation: how far it has come, and its steps for those who may take them."""
