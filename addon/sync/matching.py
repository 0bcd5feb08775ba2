"""Which session belongs to which occurrence."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from addon.sync.base import SINGLE, Agreed, Asked, Base
from addon.sync.drafting import Situation
from addon.sync.guests import reset
from addon.sync.livestorm_side import LivestormSide
from addon.sync.occurrences import Occurrence, day_of
from addon.sync.recurrence import expand
from addon.sync.values import Canonical, When


@dataclass
class Matching:
    """The sessions there are, sorted out.

    Attributes:
        paired: By key of the occurrence.
        gone: Sessions whose occurrence exists no more, by the key it had.
        replaced: Keys whose session was replaced in Livestorm by another.
        without: Keys of the occurrences that have no session.
        awaited: Of those that Livestorm was asked for, the ones that may still come, by key.
    """

    paired: dict[str, Agreed] = field(default_factory=dict)
    gone: dict[str, Agreed] = field(default_factory=dict)
    replaced: list[str] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    awaited: dict[str, Asked] = field(default_factory=dict)


def match(now: Situation, wanted: Mapping[str, Occurrence]) -> Matching:
    """Sort out which session belongs to which occurrence.

    Occurrences keep their session. Where the whole series was given another rhythm, occurrences
    have new identities: sessions then follow those that were not there before, with everybody
    registered, instead of being made anew. Sessions that are there without belonging to anything
    are taken up before new ones are made: they are ours, from an attempt whose outcome was lost.
    """
    only_one = now.rules.occurrence_sessions == 0
    known = {
        key: agreed
        for key, agreed in now.base.occurrences.items()
        if only_one or key in wanted or not took_place(now.livestorm, agreed, now.rules.now)
    }
    found = _asked_for(now)
    known |= found
    result = Matching(paired={key: known.pop(key) for key in wanted if key in known})
    free = [key for key in wanted if key not in result.paired]
    if only_one:
        _follow(result, known, free, wanted)
    elif rhythm_changed(now.base, now.says_calendar):
        old = _made_before(now.base, free)
        _follow(result, known, [key for key in free if key not in old], wanted, _began(now, known))
    free = [key for key in free if key not in result.paired]
    result.gone = known
    unclaimed = _unclaimed(now, [*result.paired.values(), *known.values()])
    _replace_lost(result, now.livestorm, wanted, unclaimed)
    _take_up(result, now, free, wanted, unclaimed)
    result.awaited = {
        key: asked
        for key, asked in now.base.asked.items()
        if key not in {*now.base.occurrences, *found, *result.paired}
        and now.rules.now < asked.settled_at(now.rules.now)
    }
    result.without = [
        key for key in wanted if key not in result.paired and key not in result.awaited
    ]
    return result


def took_place(livestorm: LivestormSide, agreed: Agreed, now: datetime) -> bool:
    """Whether an occurrence was over when last agreed on, and its session with it.

    The session of one that was moved into the past, where Livestorm takes none, is still to come:
    unless the occurrence is followed on, nobody moves or removes that session with it.
    """
    session = livestorm.sessions.get(agreed.session_id)
    start = session.start if session and livestorm.is_ahead(session, now) else None
    return agreed.is_over(now) and (start is None or start <= now)


def rhythm_changed(base: Base, says: Canonical) -> bool:
    """Whether the series, or the event, was given another time or rule as a whole."""
    return base.recurrence != says.recurrence or _rhythm(base.when) != _rhythm(says.when)


def _rhythm(when: When | None) -> object:
    return when and (when.start, when.day, when.timezone)


def _follow(
    result: Matching,
    known: dict[str, Agreed],
    free: Iterable[str],
    wanted: Mapping[str, Occurrence],
    began: frozenset[str] = frozenset(),
) -> None:
    """Give free occurrences the sessions whose own are gone: of the same day, else in order.

    Those of `began` cannot be moved: they would leave an occurrence of another day without any.
    """
    left = []
    for key in free:
        day = wanted[key].when.date_of(wanted[key].when.start)
        for old, agreed in known.items():
            if agreed.when and agreed.when.date_of(agreed.when.start) == day:
                result.paired[key] = known.pop(old)
                break
        else:
            left.append(key)
    in_order = sorted(
        known.keys() - began, key=lambda key: (known[key].when is None, _start(known[key]), key)
    )
    for key, old in zip(left, in_order, strict=False):
        result.paired[key] = known.pop(old)


def _made_before(base: Base, keys: Sequence[str]) -> frozenset[str]:
    """Which occurrences the series had as it was, so that they are no other's new identity.

    They only come into view, as when a date before them is excluded.
    """
    if base.when is None or not keys:
        return frozenset()
    days = [day_of(key) for key in keys]
    since, until = min(days) - timedelta(days=1), max(days) + timedelta(days=2)
    made = expand(base.when, base.recurrence, since=since, until=until)
    return frozenset(key for key, _ in made)


def _began(now: Situation, known: Mapping[str, Agreed]) -> frozenset[str]:
    sessions = now.livestorm.sessions
    return frozenset(
        key
        for key, agreed in known.items()
        if (session := sessions.get(agreed.session_id)) and session.state.began
    )


def _start(agreed: Agreed) -> str:
    return agreed.when.start.isoformat() if agreed.when else ""


def _unclaimed(now: Situation, claimed: Iterable[Agreed]) -> list[str]:
    taken = {agreed.session_id for agreed in claimed}
    return [
        session.id
        for session in now.livestorm.sessions.values()
        if session.id not in taken and now.livestorm.is_ahead(session, now.rules.now)
    ]


def _asked_for(now: Situation) -> dict[str, Agreed]:
    """The sessions that Livestorm made for us although its answer was lost.

    They are found by the start that was asked for: since then the occurrence may have moved, or be
    no more, and nobody else would ever move or remove its session.
    """
    unclaimed = set(_unclaimed(now, now.base.occurrences.values())) - {*now.base.kept}
    found = {}
    for key, asked in now.base.asked.items():
        when = asked.when
        starting = [one for one in unclaimed if now.livestorm.sessions[one].start == when.start]
        if key not in now.base.occurrences and len(starting) == 1:
            found[key] = Agreed(starting[0], when=when, session_start=when.start)
            unclaimed.remove(starting[0])
    return found


def _replace_lost(
    result: Matching,
    livestorm: LivestormSide,
    wanted: Mapping[str, Occurrence],
    unclaimed: list[str],
) -> None:
    """Where a session is gone and another stands in its place, follow that one."""
    for key, agreed in result.paired.items():
        session = livestorm.sessions.get(agreed.session_id)
        if session is None or session.state.exists:
            continue
        stands_in = unclaimed if key == SINGLE else _starting(livestorm, unclaimed, wanted[key])
        if len(stands_in) == 1:
            result.paired[key] = reset(agreed, stands_in[0])
            result.replaced.append(key)
            unclaimed.remove(result.paired[key].session_id)


def _take_up(
    result: Matching,
    now: Situation,
    free: list[str],
    wanted: Mapping[str, Occurrence],
    unclaimed: list[str],
) -> None:
    primary = now.livestorm.primary_session_id
    for key in list(free):
        starting = _starting(now.livestorm, unclaimed, wanted[key])
        # Made with a single event, it is that event's, whatever somebody put at its time since.
        own = primary in unclaimed and key == SINGLE
        if starting or own:
            chosen = primary if own or primary in starting else starting[0]
            result.paired[key] = Agreed(chosen)
            unclaimed.remove(chosen)
            free.remove(key)
    claimed = {agreed.session_id for agreed in (*result.paired.values(), *result.gone.values())}
    if free and primary and primary not in claimed and _is_for(now, free[0]):
        result.paired[free[0]] = Agreed(primary)


def _is_for(now: Situation, key: str) -> bool:
    """Whether the session made with the event may become that of this occurrence."""
    if key == SINGLE or now.rules.occurrence_sessions == 0:
        return True
    session = now.livestorm.sessions.get(now.livestorm.primary_session_id)
    return not now.base.occurrences and (session is None or session.state.can_move)


def _starting(
    livestorm: LivestormSide, session_ids: Iterable[str], occurrence: Occurrence
) -> list[str]:
    return [
        session_id
        for session_id in session_ids
        if (start := livestorm.sessions[session_id].start) is not None
        and occurrence.when.starts_with(start)
    ]
