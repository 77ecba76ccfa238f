"""Counts for Prometheus, in its text format."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict

BUCKETS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)


class Metrics:
    """Requests by route, and how long they took."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._buckets: dict[str, list[int]] = defaultdict(lambda: [0] * len(BUCKETS))
        self._seconds: Counter[str] = Counter()
        self._count: Counter[str] = Counter()

    def observe(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one request."""
        with self._lock:
            self._requests[route, method, status] += 1
            self._seconds[route] += seconds  # type: ignore[assignment]
            self._count[route] += 1
            for i, limit in enumerate(BUCKETS):
                self._buckets[route][i] += seconds <= limit

    def text(self, gauges: dict[str, dict[str, float]]) -> str:
        """Everything counted, and ``gauges``: a value for each state, by name."""
        lines = ["# TYPE grader_requests_total counter"]
        with self._lock:
            for (route, method, status), count in sorted(self._requests.items()):
                labels = f'route="{route}",method="{method}",status="{status}"'
                lines.append(f"grader_requests_total{{{labels}}} {count}")
            lines.append("# TYPE grader_request_seconds histogram")
            for route in sorted(self._count):
                lines += self._histogram(route)
        for name, states in gauges.items():
            lines.append(f"# TYPE {name} gauge")
            lines += [f'{name}{{state="{state}"}} {value:g}' for state, value in states.items()]
        return "\n".join(lines) + "\n"

    def _histogram(self, route: str) -> list[str]:
        name, label = "grader_request_seconds", f'route="{route}"'
        counted = zip(BUCKETS, self._buckets[route], strict=True)
        return [
            *(f'{name}_bucket{{{label},le="{limit:g}"}} {count}' for limit, count in counted),
            f'{name}_bucket{{{label},le="+Inf"}} {self._count[route]}',
            f"{name}_sum{{{label}}} {self._seconds[route]:.6f}",
            f"{name}_count{{{label}}} {self._count[route]}",
        ]
