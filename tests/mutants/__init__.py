"""Mutants: the project's code with one thing changed, which some test has to notice.

`changes` makes them, `trying` is the pytest plugin that runs the tests against each, and
`survivors.toml` says of those that nothing notices why they do the same as the original.
"""
