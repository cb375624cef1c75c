"""Loading aggregates from the log, and appending what they decide: a file for each of them.

Nothing here touches a projection: `projections.services` appends, and then catches up.
"""
