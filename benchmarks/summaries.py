"""What the raw figures of one workload amount to."""

from __future__ import annotations

import statistics
from functools import cached_property
from typing import Any

from benchmarks.peers.registry import FIRST
from benchmarks.timing import Summary, ratio, summary
from benchmarks.undisturbed import ENOUGH

__all__ = ["WorkloadSummary"]


class WorkloadSummary:
    """Medians and ratios of one entry of ``workloads`` in the JSON."""

    def __init__(self, workload: dict[str, Any]) -> None:
        self._workload = workload
        self.name: str = workload["name"]
        self.operations: int = workload["operations"]
        self.intensity: float = workload["intensity"]
        self.targets: dict[str, float] = workload["targets"] or {}

    @cached_property
    def peers(self) -> dict[str, Summary | str]:
        """Microseconds per step by name, or why there are none."""
        return {
            name: peer.get("error") or summary(peer["microseconds"])
            for name, peer in self._workload["peers"].items()
        }

    @cached_property
    def times(self) -> dict[str, float]:
        """The medians of those who have one."""
        return {name: s.median for name, s in self.peers.items() if isinstance(s, Summary)}

    @cached_property
    def fastest(self) -> str | None:
        """The fastest peer, densefit apart."""
        others = {name: time for name, time in self.times.items() if name != FIRST.name}
        return min(others, key=lambda name: others[name]) if others else None

    @cached_property
    def keras(self) -> str | None:
        """Keras with the backend that is fastest here."""
        kerases = [name for name in self.times if name.startswith("Keras")]
        return min(kerases, key=lambda name: self.times[name], default=None)

    def over(self, name: str | None) -> float | None:
        """How many times longer a step of that peer takes."""
        if name is None or FIRST.name not in self.times:
            return None
        peers = self._workload["peers"]
        return ratio(peers[name]["microseconds"], peers[FIRST.name]["microseconds"])

    @property
    def over_fastest(self) -> float | None:
        """Against the fastest peer."""
        return self.over(self.fastest)

    @property
    def over_keras(self) -> float | None:
        """Against Keras with the backend that is fastest here."""
        return self.over(self.keras)

    def _best(self, key: str, what: str) -> float | None:
        found = [r[key][what] for r in self._workload["rounds"] if key in r]
        return max(found, default=None)

    @property
    def peak_of_one(self) -> float | None:
        """Operations per second of fused multiply-adds, one thread: the best, being a limit."""
        return self._best("limit_of_one", "operations")

    @property
    def peak(self) -> float | None:
        """The same with all threads."""
        return self._best("limit", "operations")

    @cached_property
    def disturbed(self) -> tuple[int, int]:
        """Runs that count although the machine gave less than it can, and all that count."""
        peers = self._workload["peers"].values()
        shares = [share for peer in peers for share in peer.get("machine_share", ())]
        return sum(share < ENOUGH for share in shares), len(shares)

    @property
    def bandwidth(self) -> float | None:
        """Bytes per second that all threads read from memory."""
        return self._best("limit", "bytes")

    @property
    def bound_microseconds(self) -> float | None:
        """What the matrix products of a step take at the peak of all threads."""
        return 1e6 * self.operations / self.peak if self.peak else None

    @property
    def dense_rates(self) -> list[float]:
        """Operations per second of the dense forward product of each layer, one thread."""
        per_layer = zip(*(r["dense"] for r in self._workload["rounds"]), strict=True)
        return [statistics.median(rates) for rates in per_layer]

    @property
    def dense_share(self) -> float | None:
        """Of the layer with the most arithmetic, the share of the peak in the same round."""
        sizes = [d * m for d, m in self._workload["layers"]]
        largest = sizes.index(max(sizes))
        shares = [
            r["dense"][largest] / r["limit_of_one"]["operations"]
            for r in self._workload["rounds"]
            if "limit_of_one" in r
        ]
        return statistics.median(shares) if shares else None

    @property
    def sgemm(self) -> dict[str, float]:
        """Operations per second of the largest layer's product by name, all threads."""
        sizes = [d * m for d, m in self._workload["layers"]]
        largest = sizes.index(max(sizes))
        names = {name for r in self._workload["rounds"] for name in r["sgemm"]}
        return {
            name: statistics.median(
                r["sgemm"][name][largest] for r in self._workload["rounds"] if name in r["sgemm"]
            )
            for name in names
        }

    @property
    def work_rate(self) -> float | None:
        """10⁹ operations per second of densefit's training, those with zeros counted as well."""
        time = self.times.get(FIRST.name)
        return self.operations / time / 1e3 if time else None
