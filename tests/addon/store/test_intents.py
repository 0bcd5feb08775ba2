"""The right to create one event's room: held by one at a time, whoever crashes."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from addon.store import intents, links
from addon.store.engine import writing
from addon.store.intents import Busy, Done, Intent
from addon.store.tables import intents as table
from addon.store.tables import workspaces

LEASE = timedelta(seconds=10)
SETTLING = timedelta(seconds=7)
KEY = ("camille@acme.test", "event-1")


@pytest.fixture(autouse=True)
def _workspace(engine: sa.Engine, now: datetime) -> None:
    with writing(engine) as connection:
        connection.execute(sa.insert(workspaces).values(id="acme", name="Acme", created_at=now))


def claim(
    engine: sa.Engine, user_id: str, now: datetime, key: tuple[str, str] = KEY
) -> Intent | Busy | Done:
    return intents.claim(
        engine, user_id=user_id, calendar_id=key[0], event_id=key[1], now=now, lease_for=LEASE
    )


def claimed(engine: sa.Engine, user_id: str, now: datetime) -> Intent:
    intent = claim(engine, user_id, now)
    assert isinstance(intent, Intent)
    return intent


def abandoned(engine: sa.Engine, now: datetime, *, most: int = 10) -> list[Intent]:
    return intents.claim_abandoned(engine, now=now, settling=SETTLING, lease_for=LEASE, most=most)


def new_link(**values: Any) -> links.NewLink:
    return links.NewLink(
        **{
            "workspace_id": "acme",
            "ical_uid": None,
            "livestorm_event_id": "e1",
            "livestorm_session_id": "s1",
            "room_link": "https://app.livestorm.co/p/e1/live?s=s1",
            "title": "Launch",
            "starts_at": None,
            "timezone": None,
            "template_event_id": None,
            "template_title": None,
            "placeholder": False,
            "held": False,
            "recurring": False,
            **values,
        }
    )


def test_one_of_many_gets_it(engine: sa.Engine, user_id: str, now: datetime) -> None:
    with ThreadPoolExecutor(10) as threads:
        got = list(threads.map(lambda _: claim(engine, user_id, now), range(10)))
    assert sum(isinstance(one, Intent) for one in got) == 1
    assert sum(isinstance(one, Busy) for one in got) == 9
    assert intents.is_leased(engine, user_id, *KEY, now=now)
    assert not intents.is_leased(engine, user_id, *KEY, now=now + LEASE)


def test_every_event_of_every_person_has_its_own(
    engine: sa.Engine, user_id: str, now: datetime
) -> None:
    others = [KEY, (KEY[0], "event-2"), ("team@acme.test", KEY[1])]
    got = [claim(engine, user_id, now, key) for key in others]
    assert all(isinstance(one, Intent) for one in got)
    assert len({one.mark for one in got if isinstance(one, Intent)}) == 3


def test_who_died_with_it_leaves_the_question_whether_livestorm_was_asked(
    engine: sa.Engine, user_id: str, now: datetime
) -> None:
    first = claimed(engine, user_id, now)
    assert first.asked_at is None
    later = now + LEASE
    with ThreadPoolExecutor(6) as threads:
        got = list(threads.map(lambda _: claim(engine, user_id, later), range(6)))
    [second] = [one for one in got if isinstance(one, Intent)]
    assert second.asked_at == now
    assert (second.id, second.mark, second.created_at) == (first.id, first.mark, first.created_at)
    assert second.lease != first.lease
    # The dead come too late with everything.
    assert intents.finish(engine, first, new_link(), later) is None
    intents.release(engine, first, asked_at=None)
    intents.abandon(engine, first)
    assert intents.is_leased(engine, user_id, *KEY, now=later)


def test_a_lease_given_back_says_whether_livestorm_was_asked(
    engine: sa.Engine, user_id: str, now: datetime
) -> None:
    intents.release(engine, claimed(engine, user_id, now), asked_at=None)
    again = claimed(engine, user_id, now)
    assert again.asked_at is None
    asked = now + timedelta(seconds=1)
    intents.release(engine, again, asked_at=asked)
    assert claimed(engine, user_id, now + timedelta(seconds=2)).asked_at == asked


def test_a_finished_one_is_done_for_good(engine: sa.Engine, user_id: str, now: datetime) -> None:
    intent = claimed(engine, user_id, now)
    link = intents.finish(engine, intent, new_link(), now)
    assert link is not None
    assert links.find(engine, user_id, *KEY) == link
    assert links.find(engine, "somebody else", *KEY) is None
    assert claim(engine, user_id, now + timedelta(days=1)) == Done(link.id)
    assert intents.finish(engine, intent, new_link(), now) is None


def test_a_dead_room_is_replaced_once_under_another_mark(
    engine: sa.Engine, user_id: str, now: datetime
) -> None:
    intent = claimed(engine, user_id, now)
    link = intents.finish(engine, intent, new_link(), now)
    assert link is not None
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: intents.reopen(engine, link, now=now, why="deleted"), range(4)))
    assert links.find(engine, user_id, *KEY) is None
    closed = links.get(engine, link.id)
    assert closed is not None
    assert closed.state == "deleted"
    again = claimed(engine, user_id, now)
    assert again.mark != intent.mark
    assert again.asked_at is None
    second = intents.finish(engine, again, new_link(livestorm_event_id="e2"), now)
    assert second is not None
    # What comes late about the first one does not touch the second.
    intents.reopen(engine, link, now=now, why="deleted")
    assert links.find(engine, user_id, *KEY) == second


def test_the_abandoned_are_taken_by_one_each(
    engine: sa.Engine, user_id: str, now: datetime
) -> None:
    for n in range(6):
        claim(engine, user_id, now + timedelta(seconds=n), (KEY[0], f"event-{n}"))
    given_back = claim(engine, user_id, now + LEASE + timedelta(seconds=2), (KEY[0], "event-1"))
    assert isinstance(given_back, Intent)
    intents.release(engine, given_back, asked_at=None)
    later = now + timedelta(minutes=2)

    def take(_: int) -> list[Intent]:
        return abandoned(engine, later, most=4)

    with ThreadPoolExecutor(3) as threads:
        taken = [intent for some in threads.map(take, range(3)) for intent in some]
    # The one that certainly led to nothing waits for its person.
    assert sorted(intent.event_id for intent in taken) == [f"event-{n}" for n in (0, 2, 3, 4, 5)]
    assert all(intent.asked_at is not None for intent in taken)
    intents.abandon(engine, taken[0])
    with engine.connect() as connection:
        count = sa.select(sa.func.count()).select_from(table)
        assert connection.execute(count).scalar() == 5


@pytest.mark.parametrize("died", [True, False])
def test_what_livestorm_may_still_be_at_is_not_looked_for(
    engine: sa.Engine, user_id: str, now: datetime, *, died: bool
) -> None:
    intent = claimed(engine, user_id, now)
    if not died:
        intents.release(engine, intent, asked_at=now)
    # Who holds it may have another clock, and be at work.
    over = now + LEASE + intents.CLOCKS_APART if died else now
    assert abandoned(engine, over + SETTLING) == []
    assert len(abandoned(engine, over + SETTLING + timedelta(seconds=1))) == 1


def test_those_that_cannot_be_finished_let_others_pass(
    engine: sa.Engine, user_id: str, now: datetime
) -> None:
    for n in range(4):
        one = claim(engine, user_id, now + timedelta(seconds=n), (KEY[0], f"event-{n}"))
        assert isinstance(one, Intent)
        intents.release(engine, one, asked_at=now + timedelta(seconds=n))
    seen = []
    for tick in range(4):
        at = now + timedelta(seconds=60 + 15 * tick)
        taken = abandoned(engine, at, most=2)
        for one in taken:
            intents.release(engine, one, asked_at=one.asked_at, tried_at=at)
        seen.append([one.event_id for one in taken])
    assert seen == [["event-0", "event-1"], ["event-2", "event-3"], [], []]
    later = now + intents.TRIED_AGAIN + timedelta(seconds=70)
    assert [one.event_id for one in abandoned(engine, later)] == ["event-0", "event-1"]
    # Whoever asks for such a room again does not wait.
    again = claim(engine, user_id, now + timedelta(seconds=200), (KEY[0], "event-2"))
    assert isinstance(again, Intent)
    assert again.asked_at == now + timedelta(seconds=2)


def test_ids_of_the_greatest_length_fit(engine: sa.Engine, user_id: str, now: datetime) -> None:
    """In PostgreSQL's index, where values that do not compress are the hard ones."""
    dice = random.Random(1)
    key = tuple("".join(chr(dice.randrange(33, 127)) for _ in range(1024)) for _ in range(2))
    assert isinstance(claim(engine, user_id, now, (key[0], key[1])), Intent)
    assert isinstance(claim(engine, user_id, now, (key[0], key[1])), Busy)
