"""The counters of this process's requests."""

from prometheus_client import CollectorRegistry, Counter, Histogram

REGISTRY = CollectorRegistry(auto_describe=True)
REQUESTS = Counter(
    "restorelog_http_requests",
    "Requests answered, by method, route and status.",
    ("method", "route", "status"),
    registry=REGISTRY,
)
LATENCY = Histogram(
    "restorelog_http_request_seconds",
    "How long requests took.",
    ("method", "route"),
    registry=REGISTRY,
)
