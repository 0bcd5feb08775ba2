"""Tickets: one use, ten minutes, one person."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import sqlalchemy as sa

from addon.store import tickets, users
from addon.store.tables import tickets as table

CONNECT = "connect"


def test_a_ticket_is_for_one_person_one_purpose_and_once(
    engine: sa.Engine, user_id: str, now: datetime
) -> None:
    other = users.account_of(engine, "1002", None, now).user_id
    mine, theirs = (tickets.issue(engine, one, CONNECT, now) for one in (user_id, other))
    assert mine != theirs
    assert tickets.redeem(engine, mine, "another purpose", now) is None
    assert tickets.redeem(engine, mine.lower() + "x", CONNECT, now) is None
    assert tickets.redeem(engine, mine, CONNECT, now) == user_id
    assert tickets.redeem(engine, mine, CONNECT, now) is None
    assert tickets.redeem(engine, theirs, CONNECT, now) == other


def test_a_ticket_ends(engine: sa.Engine, user_id: str, now: datetime) -> None:
    first, second = (tickets.issue(engine, user_id, CONNECT, now) for _ in range(2))
    assert tickets.redeem(engine, first, CONNECT, now + tickets.LIFETIME) == user_id
    late = now + tickets.LIFETIME + timedelta(seconds=1)
    assert tickets.redeem(engine, second, CONNECT, late) is None


def test_many_at_once_use_it_once(engine: sa.Engine, user_id: str, now: datetime) -> None:
    ticket = tickets.issue(engine, user_id, CONNECT, now)
    with ThreadPoolExecutor(8) as threads:
        won = list(threads.map(lambda _: tickets.redeem(engine, ticket, CONNECT, now), range(8)))
    assert won.count(user_id) == 1
    assert won.count(None) == 7


def test_who_reads_the_table_cannot_use_one(engine: sa.Engine, user_id: str, now: datetime) -> None:
    ticket = tickets.issue(engine, user_id, CONNECT, now)
    with engine.connect() as connection:
        [row] = connection.execute(sa.select(table)).all()
    assert ticket not in str(row)
    assert tickets.redeem(engine, row.digest, CONNECT, now) is None


def test_old_ones_are_swept_and_go_with_their_person(
    engine: sa.Engine, user_id: str, now: datetime
) -> None:
    tickets.issue(engine, user_id, CONNECT, now)
    tickets.issue(engine, user_id, CONNECT, now + timedelta(minutes=11))
    with engine.begin() as connection:
        count = sa.select(sa.func.count()).select_from(table)
        assert connection.execute(count).scalar() == 1
        connection.execute(sa.text("DELETE FROM users"))
        assert connection.execute(count).scalar() == 0
