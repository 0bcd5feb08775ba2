"""Many links that are marked at once are compared one after the other."""

from datetime import UTC, datetime, timedelta

from addon.jobs.spreading import A_SECOND, AT_ONCE, due

NOW = datetime(2027, 3, 1, tzinfo=UTC)


def test_few_begin_at_once_and_the_others_one_after_the_other() -> None:
    assert {due(number, NOW) for number in range(AT_ONCE)} == {None}
    times = [due(number, NOW) for number in range(AT_ONCE, 2000)]
    assert times == sorted(times, key=lambda one: one or NOW)
    in_a_second = [one for one in times if one and one <= NOW + timedelta(seconds=1)]
    assert len(in_a_second) == A_SECOND
