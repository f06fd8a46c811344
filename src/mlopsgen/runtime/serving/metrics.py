"""What Prometheus reads at /metrics: requests by answer, how long they took, how many are in work, and which model."""

from __future__ import annotations

from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from .service import Service

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
"""Seconds."""


class Metrics:
    """Figures of one server, in a registry of their own: what the user's script counts stays its own."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self, service: Service) -> None:
        self.registry = CollectorRegistry()
        own: dict[str, Any] = {"namespace": "mlopsgen", "registry": self.registry}
        self.requests = Counter("requests", "Requests, by the status of their answer.", ("protocol", "code"), **own)
        self.seconds = Histogram(
            "request_seconds", "From a request's head to its answer.", ("protocol",), buckets=BUCKETS, **own
        )
        self.working = Gauge("requests_in_flight", "Requests that are read or worked on now.", **own)
        self.records = Counter("predictions", "Records that were answered.", **own)
        self.model = Info("model", "What answers.", **own)
        self.model.info({"name": service.name, "version": service.version})

    def count(self, protocol: str, code: int, seconds: float, records: int) -> None:
        """One request that is answered."""
        self.requests.labels(protocol, str(code)).inc()
        self.seconds.labels(protocol).observe(seconds)
        self.records.inc(records)

    def text(self) -> bytes:
        """All of them as Prometheus reads them."""
        return bytes(generate_latest(self.registry))
