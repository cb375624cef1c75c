"""The console as people use it: in Debian's Chromium, served as in production."""
