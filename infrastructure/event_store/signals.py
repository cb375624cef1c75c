"""What others may listen to."""

from django.dispatch import Signal

appended = Signal()
"""Sent after events were appended, inside the same transaction: `head`, `using`."""
