"""How long the long runs are; every value can be set by a variable of the environment."""

import os

KILLS = int(os.environ.get("SOAK_KILLS", "") or 50)
"""Kills of an import, and as many of a rebuild, on each database."""

STEP_KILLS = 2 * KILLS
"""Kills of cut-overs and roll-backs together, on each database."""

EVENTS = int(os.environ.get("SOAK_EVENTS", "") or 1_000_000)
"""Events of the log, and rows of the host, whose handling must fit in `MEMORY`."""

ROWS = int(os.environ.get("SOAK_ROWS", "") or 200_000)
"""Rows in each of the host's restore tables, for the long journeys."""

LIVES = int(os.environ.get("SOAK_LIVES", "") or 400)
"""Runs of the state machine, on each database."""

REQUESTS = int(os.environ.get("SOAK_REQUESTS", "") or 10_000)
"""Requests drawn from the OpenAPI document as each role, on each database."""

SEED = int(os.environ.get("SOAK_SEED", "") or 1)
"""What the moments of the kills are drawn from."""

FLOOD_CLIENTS = int(os.environ.get("SOAK_FLOOD_CLIENTS", "") or 250)
"""Clients that ask all at once."""

FLOOD_SECONDS = float(os.environ.get("SOAK_FLOOD_SECONDS", "") or 60)

MEMORY = 400 * 10**6
"""Bytes that a process may hold at most."""

RESULTS = os.environ.get("SOAK_RESULTS", "")
"""The file that `make soak` collects what was found in."""
