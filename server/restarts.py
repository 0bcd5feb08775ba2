"""When a process that ended is started again. Pure: exits and times in, decisions out."""

from dataclasses import dataclass, replace

EX_CONFIG = 78
"""Exit code of a process whose settings are missing or unsafe (sysexits.h): trying again cannot
help, somebody has to read its message."""

FIRST_RESTART_SECONDS = 0.2
"""Pause before the first restart. A killed worker's jobs wait for it, so it is short; it is not
zero, so that a port that was just in use gets free."""

LONGEST_RESTART_SECONDS = 30.0
"""Where the doubling of the pause ends: a process that cannot start (database away) costs two
starts a minute, and half a minute after the cause is gone it runs."""

STEADY_SECONDS = 10.0
"""A process that ran this long had started well: its next exit counts as the first again. Starting
takes two to three seconds on a busy machine."""


@dataclass(frozen=True)
class Life:
    """What is remembered of one supervised process. Times are seconds of one steady clock."""

    started_at: float
    short_lives: int = 0
    """How many times in a row it ended before it had run for `STEADY_SECONDS`."""


@dataclass(frozen=True)
class Restart:
    """Start it again, at this time."""

    at: float
    life: Life


@dataclass(frozen=True)
class GiveUp:
    """Stop everything and exit with this code."""

    exit_code: int


def after_exit(life: Life, exit_code: int, at: float) -> Restart | GiveUp:
    """Decide what to do about a process that ended unasked.

    Every exit is a reason to restart, success too: a service that ends has failed, whatever it
    says. The one exception is `EX_CONFIG`.

    Args:
        life: the process so far.
        exit_code: as `subprocess` has it; negative for a signal.
        at: when it ended.
    """
    if exit_code == EX_CONFIG:
        return GiveUp(EX_CONFIG)
    short_lives = life.short_lives + 1 if at - life.started_at < STEADY_SECONDS else 1
    # Beyond 2**16 the cap has long been reached; a bounded exponent keeps the float finite.
    pause = min(FIRST_RESTART_SECONDS * 2 ** min(short_lives - 1, 16), LONGEST_RESTART_SECONDS)
    return Restart(at + pause, replace(life, short_lives=short_lives))
