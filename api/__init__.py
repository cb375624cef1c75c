"""REST (v1), the pages for people, health and metrics. Reads projections, never the host."""
