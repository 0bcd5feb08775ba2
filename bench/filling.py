"""Fill a database with people who use the program: calendars that are watched, events in sync."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from addon import clock
from addon.store.engine import writing
from addon.store.tables import calendars, channels, google_grants, links, users, workspaces
from addon.sync.notice import push

LINKS_EACH = 100
"""Links of one person: two a week, for a year."""

_BATCH = 1000
"""Links a statement: with their JSON some two megabytes."""

TOKEN = "given-with-the-channel"


@dataclass(frozen=True)
class Watched:
    """A watched calendar: what Google's messages about it carry."""

    channel_id: str
    resource_id: str


def fill(engine: sa.Engine, *, people: int, links_each: int = LINKS_EACH) -> list[Watched]:
    """Add people, each with a watched calendar and links on it; return the calendars."""
    made = [_person(links_each) for _ in range(people)]
    with writing(engine) as connection:
        for table in (users, workspaces, google_grants, calendars, channels):
            connection.execute(sa.insert(table), [rows[table.name] for rows, _ in made])
    rows = (row for _, of_person in made for row in of_person)
    while batch := [row for row, _ in zip(rows, range(_BATCH), strict=False)]:
        with writing(engine) as connection:
            connection.execute(sa.insert(links), batch)
    with engine.connect() as connection:
        # As the database would do by itself after so many rows.
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")
    return [Watched(rows["channels"]["id"], rows["channels"]["resource_id"]) for rows, _ in made]


def _person(links_each: int) -> tuple[dict[str, Any], Iterator[dict[str, Any]]]:
    now = clock.now()
    user_id, calendar, workspace_id = uuid.uuid4().hex, uuid.uuid4().hex, str(uuid.uuid4())
    email = f"{user_id}@company.test"
    rows = {
        "users": {
            "id": user_id,
            "google_sub": user_id,
            "email": email,
            "created_at": now,
        },
        "workspaces": {"id": workspace_id, "name": "A company", "created_at": now},
        "google_grants": {
            "user_id": user_id,
            "secret": "sealed" * 40,
            "expires_at": now + timedelta(hours=1),
            "scopes": "",
            "state": "active",
            "activated_at": now,
        },
        "calendars": {
            "id": calendar,
            "user_id": user_id,
            "calendar_id": email,
            "sync_token": "token" * 10,
            "listed_at": now,
        },
        "channels": {
            "id": str(uuid.uuid4()),
            "calendar": calendar,
            "token_digest": push.digest(TOKEN),
            "resource_id": uuid.uuid4().hex,
            "opened_at": now,
            "expires_at": now + push.LIFETIME,
        },
    }
    return rows, (_link(user_id, workspace_id, email, event) for event in range(links_each))


def _link(user_id: str, workspace_id: str, calendar_id: str, number: int) -> dict[str, Any]:
    now = clock.now()
    event_id, livestorm_event = uuid.uuid4().hex, str(uuid.uuid4())
    seen = {
        "id": event_id,
        "etag": f'"{number}"',
        "status": "confirmed",
        "summary": f"Webinar {number}",
        "description": "All about the launch. " * 20,
        "attendees": [{"email": f"guest{guest}@partner.test"} for guest in range(20)],
    }
    return {
        "id": uuid.uuid4().hex,
        "user_id": user_id,
        "workspace_id": workspace_id,
        "calendar_id": calendar_id,
        "event_id": event_id,
        "ical_uid": f"{event_id}@google.com",
        "livestorm_event_id": livestorm_event,
        "livestorm_session_id": str(uuid.uuid4()),
        "room_link": f"https://app.livestorm.co/p/{livestorm_event}",
        "title": seen["summary"],
        "starts_at": now + timedelta(days=30),
        "timezone": "Europe/Paris",
        "state": "active",
        "placeholder": False,
        "created_at": now,
        "compared_at": now,
        "synced_at": now,
        "calendar_seen": seen,
    }
