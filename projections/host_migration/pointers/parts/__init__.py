"""The parts of a migration of what refers to legacy rows, one after the other in one module there.

Of each, the text below the line is written. It runs in the host, with Django and the standard
library alone: what it needs of a host are the constants in `values`.
"""
