"""Functions that load aggregates from the log and append their events, a file for each.

Nothing here touches a projection: `projections.services` appends, and then catches up.
"""
