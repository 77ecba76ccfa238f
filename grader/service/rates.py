"""How often somebody may come: so many times in any minute."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

MINUTE = 60.0
REMEMBERED = 20_000


class Rate:
    """At most ``limit`` times in a minute for each name; only names seen lately are kept."""

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = limit
        self._clock = clock
        self._times: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def allow(self, name: str) -> bool:
        """Whether ``name`` may come now; if so it counts."""
        now = self._clock()
        with self._lock:
            times = self._times.setdefault(name, deque())
            self._times.move_to_end(name)
            if len(self._times) > REMEMBERED:
                self._times.popitem(last=False)
            while times and now - times[0] >= MINUTE:
                times.popleft()
            if len(times) >= self.limit:
                return False
            times.append(now)
            return True
