"""Keeps calls below the rates that AWS allows an account, so that a scan leaves some of them to everybody else."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

QUOTAS: dict[str, float] = {
    "cloudtrail:LookupEvents": 2,
    "cloudwatch:DescribeAlarms": 9,
    "cloudwatch:GetMetricData": 50,
    "firehose:DescribeDeliveryStream": 5,
    "firehose:ListDeliveryStreams": 5,
    "kinesis:DescribeStream": 10,
    "kinesis:DescribeStreamSummary": 20,
    "kinesis:ListStreams": 5,
    "lambda": 15,
}
"""Operation, or service for all of its operations together -> calls per second that an account may make in a Region.

From the quota pages of the services and the references of the operations; AWS names none for most. What it throttles
nevertheless is slowed down by botocore, which learns the rate from the refusals.
"""

SHARE = 0.8
"""The part of a quota that a scan takes."""


class Pace:
    """Lets calls go one by one where they are limited; safe to use from many threads.

    Args:
        max_rps: the most calls per second of the whole scan, or None.
        now: a clock in seconds.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        max_rps: float | None = None,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._max_rps = max_rps
        self._now = now
        self._sleep = sleep
        self._free: dict[tuple[str, str], float] = {}
        self._lock = threading.Lock()

    def narrow(self, service: str, operation: str, region: str) -> tuple[tuple[str, str], int] | None:
        """The quota that a call falls under, and how many at once use it up: more would only wait in their threads."""
        name = next((name for name in (f"{service}:{operation}", service) if name in QUOTAS), None)
        return ((name, region), math.ceil(QUOTAS[name] * SHARE)) if name else None

    def wait(self, service: str, operation: str, region: str) -> None:
        """Wait until a call may be made, and count it as made."""
        limits = {
            (name, region): QUOTAS[name] * SHARE for name in (service, f"{service}:{operation}") if name in QUOTAS
        }
        if self._max_rps is not None:
            limits["", ""] = self._max_rps
        if not limits:
            return
        with self._lock:
            now = self._now()
            start = max(now, *(self._free.get(place, 0.0) for place in limits))
            for place, rate in limits.items():
                self._free[place] = start + 1 / rate
        if start > now:
            self._sleep(start - now)
