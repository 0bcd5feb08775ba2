"""How the installation stands, counted from the rows, on both databases."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from addon.store import figures
from addon.store.allowance import PERIOD_SECONDS
from addon.store.tables import (
    allowances,
    calendars,
    channels,
    intents,
    links,
    users,
    workers,
    workspaces,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def ago(**time: float) -> datetime:
    return NOW - timedelta(**time)


def person(engine: sa.Engine) -> str:
    """Store somebody in a workspace; return our id of them."""
    user_id = uuid.uuid4().hex
    with engine.begin() as connection:
        connection.execute(
            sa.insert(users).values(id=user_id, google_sub=user_id, created_at=ago(days=9))
        )
        connection.execute(sa.insert(workspaces).values(id="acme", name="Acme", created_at=NOW))
    return user_id


def link(connection: sa.Connection, user_id: str, **values: Any) -> None:
    connection.execute(
        sa.insert(links).values(
            **{
                "id": uuid.uuid4().hex,
                "user_id": user_id,
                "workspace_id": "acme",
                "calendar_id": "c",
                "event_id": uuid.uuid4().hex,
                "livestorm_event_id": "e",
                "livestorm_session_id": "s",
                "room_link": "https://room.test",
                "title": "Title",
                "state": "active",
                "placeholder": False,
                "created_at": ago(days=8),
                **values,
            }
        )
    )


def test_nothing_is_all_well(engine: sa.Engine) -> None:
    found = figures.read(engine, NOW)
    assert (found.outstanding, found.waited_seconds, found.in_trouble, found.held) == (0, 0, {}, 0)
    assert (found.workspaces, found.workspaces_low, found.allowance_left) == (0, 0, 1.0)
    assert figures.latest_beat(engine) is None


def test_links_that_wait_pause_and_are_held(engine: sa.Engine) -> None:
    user_id = person(engine)
    later = NOW + timedelta(hours=1)
    down = {"kind": "livestorm_down", "until": later.isoformat()}
    with engine.begin() as connection:
        link(connection, user_id)
        link(connection, user_id, trouble=None, dirty_at=ago(seconds=40))
        # Its pause, and not its work, is what is three hours old; it ended half a minute ago.
        link(connection, user_id, dirty_at=ago(hours=3), next_at=ago(seconds=30), trouble=down)
        link(connection, user_id, dirty_at=ago(hours=5), next_at=later, trouble=down)
        # Trouble that is over: nothing is outstanding.
        link(connection, user_id, trouble=down)
        link(connection, user_id, held=True)
    found = figures.read(engine, NOW)
    assert (found.outstanding, found.waited_seconds, found.held) == (3, 40.0, 1)
    assert found.in_trouble == {"livestorm_down": 2}


def test_intents_channels_and_workers(engine: sa.Engine) -> None:
    user_id = person(engine)
    with engine.begin() as connection:
        for number, (state, age) in enumerate([("open", 90), ("open", 30), ("done", 900)]):
            connection.execute(
                sa.insert(intents).values(
                    id=f"i{number}",
                    user_id=user_id,
                    calendar_id="c",
                    event_id=f"e{number}",
                    mark=f"m{number}",
                    state=state,
                    created_at=ago(seconds=age),
                )
            )
        connection.execute(sa.insert(calendars).values(id="k", user_id=user_id, calendar_id="c"))
        for number, (hours, replaced) in enumerate([(100, False), (23, False), (2, True)]):
            connection.execute(
                sa.insert(channels).values(
                    id=f"ch{number}",
                    calendar="k",
                    token_digest="d",
                    opened_at=ago(days=1),
                    expires_at=NOW + timedelta(hours=hours),
                    replaced=replaced,
                )
            )
        for name, incarnation, beat in [
            ("alive-0", "a", ago(seconds=2)),
            ("silent-0", "b", ago(minutes=5)),
            ("dead-0", "taken-over", ago(seconds=20)),
        ]:
            connection.execute(
                sa.insert(workers).values(
                    executor_id=name,
                    incarnation=incarnation,
                    beats=1,
                    started_at=ago(hours=1),
                    beat_at=beat,
                )
            )
    found = figures.read(engine, NOW)
    assert (found.intents_open, found.intent_seconds) == (2, 90.0)
    assert (found.channels, found.channels_expiring) == (2, 1)
    assert found.workers == 1
    assert figures.latest_beat(engine) == ago(seconds=2)


def test_the_month_of_the_workspaces(engine: sa.Engine) -> None:
    rows = [
        ("fresh", 0, 0.0, 0.0),
        ("low", 9_500, NOW.timestamp() - 3600, 0.0),
        # Used up, but in a month that is over.
        ("new month", 10_000, NOW.timestamp() - PERIOD_SECONDS - 1, 0.0),
        ("blocked", 5_000, NOW.timestamp() - 3600, NOW.timestamp() + 60),
    ]
    with engine.begin() as connection:
        connection.execute(
            sa.insert(allowances),
            [
                {
                    "workspace": name,
                    "used": used,
                    "period_started": since,
                    "blocked_until": until,
                    "monthly_limit": 10_000,
                }
                for name, used, since, until in rows
            ],
        )
    found = figures.read(engine, NOW)
    assert (found.workspaces, found.workspaces_low, found.workspaces_blocked) == (4, 1, 1)
    assert round(found.allowance_left, 3) == 0.05
