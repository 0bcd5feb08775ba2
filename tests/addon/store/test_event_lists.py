"""Lists of a person's events: searched, filtered, by page, by month, and nobody else's."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from addon.store import engine as store
from addon.store import event_lists, links
from addon.store.event_lists import Kept, Period, Wanted
from addon.store.tables import calendars, users, workspaces
from addon.store.tables import links as table

NOW = datetime(2026, 11, 24, 9, 12, tzinfo=UTC)
ADA, SAM = "a" * 32, "b" * 32


def people(engine: sa.Engine) -> None:
    """Two people in one workspace."""
    with store.writing(engine) as connection:
        connection.execute(sa.insert(workspaces).values(id="w", name="Acme", created_at=NOW))
        connection.execute(
            sa.insert(users),
            [{"id": one, "google_sub": one, "created_at": NOW} for one in (ADA, SAM)],
        )


def add(engine: sa.Engine, user: str, title: str, days: float, **values: object) -> str:
    """Store an event that begins so many days from now."""
    new = links.NewLink(
        workspace_id="w",
        ical_uid=None,
        livestorm_event_id=f"event-{title}",
        livestorm_session_id="session",
        room_link="https://livestorm.test/room",
        title=title,
        starts_at=NOW + timedelta(days=days),
        timezone="Europe/Paris",
        template_event_id=None,
        template_title=None,
        placeholder=False,
        held=False,
        recurring=False,
    )
    with store.writing(engine) as connection:
        link = links.add(
            connection, user_id=user, calendar_id=user, event_id=title, new=new, now=NOW
        )
        if values:
            connection.execute(sa.update(table).where(table.c.id == link.id).values(values))
    return link.id


def titles(engine: sa.Engine, **wanted: object) -> list[str]:
    """What a list of Ada's shows."""
    found = event_lists.find(engine, ADA, Wanted(**wanted), now=NOW)  # type: ignore[arg-type]
    assert found.total >= len(found.links)
    return [link.title for link in found.links]


def test_a_list_is_searched_filtered_and_cut_into_pages(engine: sa.Engine) -> None:
    people(engine)
    add(engine, ADA, "Réunion d’équipe", 3, synced_at=NOW)
    add(engine, ADA, "Team meeting", 1, failures=2, trouble={"kind": "permission"})
    add(engine, ADA, "Weekly", -30, recurring=True)
    add(engine, ADA, "Long ago", -40, synced_at=NOW)
    add(engine, ADA, "Held", 5, held=True)
    add(engine, ADA, "Ended", 2, state="unlinked", synced_at=NOW)
    add(engine, SAM, "Team of Sam", 1)

    upcoming = ["Weekly", "Team meeting", "Ended", "Réunion d’équipe", "Held"]
    assert titles(engine) == upcoming
    assert titles(engine, period=Period.PAST) == ["Long ago"]
    assert titles(engine, period=Period.ALL) == [*upcoming[:0:-1], "Weekly", "Long ago"]
    assert titles(engine, offset=2, limit=2) == upcoming[2:4]
    assert event_lists.find(engine, ADA, Wanted(limit=2), now=NOW).total == len(upcoming)

    assert titles(engine, text=" REUNION  d’equipe") == ["Réunion d’équipe"]
    assert titles(engine, text="TEAM") == ["Team meeting"]
    assert titles(engine, text="event-Held") == ["Held"]
    assert titles(engine, text="%") == []

    assert titles(engine, kept=Kept.SYNCED) == ["Réunion d’équipe"]
    assert titles(engine, kept=Kept.PROBLEM) == ["Team meeting"]
    assert titles(engine, kept=Kept.UNSYNCED) == ["Weekly", "Team meeting", "Ended", "Held"]


def test_a_month_holds_its_events_and_every_series_that_began(engine: sa.Engine) -> None:
    people(engine)
    add(engine, ADA, "Within", 2)
    add(engine, ADA, "Began before", -1)
    add(engine, ADA, "After", 31)
    add(engine, ADA, "Series", -300, recurring=True)
    add(engine, ADA, "Later series", 40, recurring=True)
    add(engine, SAM, "Of Sam", 2)

    found = event_lists.in_range(engine, ADA, start=NOW, end=NOW + timedelta(days=30))
    assert [one.link.title for one in found] == ["Began before", "Within", "Series"]


def test_an_event_and_its_history_are_their_owners(engine: sa.Engine) -> None:
    people(engine)
    first, second = add(engine, ADA, "One", 1), add(engine, ADA, "Two", 2)
    with store.writing(engine) as connection:
        links.note(connection, first, NOW, side="calendar", what="title", detail={"after": "x"})

    assert event_lists.detail(engine, SAM, first) is None
    found = event_lists.detail(engine, ADA, first)
    assert found is not None
    assert found.link.title == "One"
    assert event_lists.has_any(engine, ADA)
    assert not event_lists.has_any(engine, SAM)

    lines = event_lists.lines(engine, first, limit=10)
    assert [line.what for line in lines] == ["title", "created"]
    assert [line.what for line in event_lists.lines(engine, first, limit=1)] == ["title"]
    older = event_lists.lines(engine, first, limit=10, before=lines[0].id)
    assert [line.what for line in older] == ["created"]
    latest = event_lists.latest_lines(engine, [first, second])
    assert {link: line.what for link, line in latest.items()} == {first: "title", second: "created"}


def test_times_are_in_the_zone_of_a_persons_own_calendar(engine: sa.Engine) -> None:
    people(engine)
    assert event_lists.zone(engine, ADA, "ada@acme.test") is None
    add(engine, ADA, "One", 1)
    assert event_lists.zone(engine, ADA, "ada@acme.test") == "Europe/Paris"
    rows = {"team@acme.test": "Asia/Tokyo", "ada@acme.test": "America/New_York"}
    with store.writing(engine) as connection:
        for number, (calendar, zone) in enumerate(rows.items()):
            connection.execute(
                sa.insert(calendars).values(
                    id=f"{number}", user_id=ADA, calendar_id=calendar, timezone=zone
                )
            )
    assert event_lists.zone(engine, ADA, "ada@acme.test") == "America/New_York"
    assert event_lists.zone(engine, ADA, None) in rows.values()
