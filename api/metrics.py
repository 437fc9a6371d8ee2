"""Counters for Prometheus: routes as they are declared, never paths, queries or callers."""

import time
from typing import cast

from flask import Flask, Response, current_app, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest

EXTENSION = "leadwarden.metrics"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)  # seconds


class Metrics:
    """What one process counts."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter(
            "leadwarden_requests", "Answers.", ("method", "route", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "leadwarden_request_seconds",
            "Time to answer.",
            ("route",),
            buckets=BUCKETS,
            registry=self.registry,
        )

        self._held: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Add one answer. The counter of each combination is held, for looking it up costs a lock."""
        held = self._held.get((method, route, status))
        if held is None:
            held = (self.requests.labels(method, route, str(status)), self.seconds.labels(route))
            self._held[method, route, status] = held
        held[0].inc()
        held[1].observe(seconds)

    def text(self) -> bytes:
        """The exposition format of Prometheus."""
        return generate_latest(self.registry)


def register(app: Flask) -> None:
    """Count every answer of `app`."""
    app.extensions[EXTENSION] = Metrics()
    app.before_request(_start)
    app.after_request(_finish)


def current_metrics() -> Metrics:
    """The metrics of the app that answers."""
    return cast("Metrics", current_app.extensions[EXTENSION])


def _start() -> None:
    g.started = time.perf_counter()


def _finish(response: Response) -> Response:
    rule = request.url_rule
    route, method = (rule.rule, request.method) if rule else ("(none)", "(any)")
    seconds = time.perf_counter() - g.get("started", time.perf_counter())
    current_metrics().count(method, route, response.status_code, seconds)
    return response
