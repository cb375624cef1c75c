"""The long runs: `make soak`. `pytest -m soak` runs them too, without writing docs/soak.md."""
