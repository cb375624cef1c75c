"""Rebuilds on the workers of a Dask cluster: see docs/how-to/scale-out.md.

Only `connecting` and `workers` import Dask, which need not be installed.
"""
