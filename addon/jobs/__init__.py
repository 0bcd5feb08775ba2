"""Wake-ups: one job per link at a time, on an engine that can be exchanged.

The row of the link is the truth about outstanding work (`dirty_seq` against `synced_seq`); the
engine only carries the wake-up. Everything the rest of the program needs is named here.
"""

from addon.jobs.port import Claim, ClaimLost, JobEngine, JobQueue, Runner, Wakes
from addon.jobs.wakes import LinkWakes

__all__ = ["Claim", "ClaimLost", "JobEngine", "JobQueue", "LinkWakes", "Runner", "Wakes"]
