"""The administration: accepted clock jumps and losses, accounts, failed logins, readers."""
