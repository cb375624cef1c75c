"""Logs that earlier versions of the service made, with the hosts that they were made from."""
