"""The text that migrations share: each module's text below its line goes into every one of them.

It runs in the host, with Django and the standard library alone. What it needs of a plan are the
constants in `constants`, which are written with their values into each migration. A migration is
`in_one_transaction` or `in_batches`; the other modules are in both.
"""
