"""The rate limiter: 5 calls a second, 10,000 calls in 30 days from the first (§1.6)."""

import math
from collections import deque
from dataclasses import dataclass, field

from sandbox.livestorm.switches import Switches

MONTH = 30 * 24 * 3600
"""Length of the long window, seconds."""


@dataclass
class Usage:
    """What one workspace, or one token, has used."""

    month_started: float = 0.0
    month_calls: int = 0
    recent: deque[float] = field(default_factory=deque)


@dataclass(frozen=True)
class Standing:
    """Where a caller stands after a call.

    Attributes:
        headers: The limit headers of the answer.
        exceeded: Text of the refusal, or ``None`` when the call may pass.
    """

    headers: dict[str, str]
    exceeded: str | None


class Limiter:
    """Counts calls per key."""

    def __init__(self) -> None:
        self.usage: dict[str, Usage] = {}

    def count(self, key: str, now: float, switches: Switches) -> Standing:
        """Count a call and say whether it may pass. A refused call costs nothing."""
        usage = self.usage.setdefault(key, Usage())
        if not usage.month_calls or now >= usage.month_started + MONTH:
            usage.month_started, usage.month_calls = now, 0
        second = math.floor(now) if switches.limit_window == "fixed" else now - 1
        while usage.recent and usage.recent[0] < second:
            usage.recent.popleft()
        exceeded, wait = None, 0.0
        if switches.limits_enabled and usage.month_calls >= switches.limit_per_month:
            exceeded, wait = "Monthly throttle limit reached", usage.month_started + MONTH - now
        elif switches.limits_enabled and len(usage.recent) >= switches.limit_per_second:
            opens = second + 1 if switches.limit_window == "fixed" else usage.recent[0] + 1
            exceeded, wait = "Request throttle limit reached", opens - now
        else:
            usage.month_calls += 1
            usage.recent.append(now)
        return Standing(self._headers(usage, switches, wait, exceeded=bool(exceeded)), exceeded)

    @staticmethod
    def _headers(
        usage: Usage, switches: Switches, wait: float, *, exceeded: bool
    ) -> dict[str, str]:
        month = f"RateLimit-{switches.monthly_header_spelling}"
        headers = {
            f"{month}-Limit": str(switches.limit_per_month),
            f"{month}-Remaining": str(max(0, switches.limit_per_month - usage.month_calls)),
            "RateLimit-Interval-Limit": str(switches.limit_per_second),
            "RateLimit-Interval-Remaining": str(
                max(0, switches.limit_per_second - len(usage.recent))
            ),
            "RateLimit-Reset": str(int(usage.month_started + MONTH)),
        }
        if exceeded or switches.retry_after_always:
            headers["Retry-After"] = str(math.ceil(wait))
        return headers
