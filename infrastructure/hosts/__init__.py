"""Hosts: reading their databases, and turning their rows into events."""
