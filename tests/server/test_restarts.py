"""When a process that ended is started again."""

import pytest

from server.restarts import (
    EX_CONFIG,
    FIRST_RESTART_SECONDS,
    LONGEST_RESTART_SECONDS,
    STEADY_SECONDS,
    GiveUp,
    Life,
    Restart,
    after_exit,
)


def restart(life: Life, code: int, at: float) -> Restart:
    decision = after_exit(life, code, at)
    assert isinstance(decision, Restart)
    return decision


@pytest.mark.parametrize("code", [0, 1, 3, 75, -9, -15])
def test_whatever_the_exit_it_is_started_again_soon(code: int) -> None:
    decision = restart(Life(started_at=0.0), code, 100.0)
    assert decision.at == 100.0 + FIRST_RESTART_SECONDS


def test_wrong_settings_end_everything() -> None:
    assert after_exit(Life(0.0), EX_CONFIG, 100.0) == GiveUp(EX_CONFIG)


def test_the_pause_doubles_up_to_a_limit_while_it_keeps_failing_early() -> None:
    life, at, pauses = Life(0.0), 1.0, []
    for _ in range(2000):
        decision = restart(life, 1, at)
        pauses.append(decision.at - at)
        life, at = Life(decision.at, decision.life.short_lives), decision.at + 1.0
    assert pauses[:3] == pytest.approx([0.2, 0.4, 0.8])
    assert pauses == sorted(pauses) or pauses[-1] == pytest.approx(LONGEST_RESTART_SECONDS)
    assert max(pauses) == pytest.approx(LONGEST_RESTART_SECONDS)
    assert pauses[8] == pytest.approx(LONGEST_RESTART_SECONDS)


def test_a_steady_run_makes_the_next_failure_the_first_again() -> None:
    life = Life(started_at=0.0, short_lives=9)
    decision = restart(life, 1, STEADY_SECONDS)
    assert decision.at - STEADY_SECONDS == pytest.approx(FIRST_RESTART_SECONDS)
    assert decision.life.short_lives == 1
