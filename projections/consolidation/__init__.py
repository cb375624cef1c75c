"""The consolidation's steps: cut over, roll back, retire; each happens whole or not at all."""
