"""How fast it is, side by side with what it is compared to: `make bench`."""
