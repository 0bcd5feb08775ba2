"""The world as a simulator starts with it."""

import uuid
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sandbox.livestorm.changes import events, people, sessions
from sandbox.livestorm.grants import Client
from sandbox.livestorm.records import Event, Field, Workspace
from sandbox.livestorm.world import World

FRIDAY = 4
TEMPLATE_TITLE = "Product webinar (template)"


def seed(world: World, *, with_events: bool = True) -> None:
    """Fill a world with the workspace Acme, its people and a few events.

    Ids are the same at every start, so that a connection outlives a restart of the sandbox.
    """
    client = Client("sandbox-client", "sandbox-secret", "Livestorm for Google Calendar")
    world.grants.clients[client.id] = client
    acme = world.add_workspace(
        "Acme",
        [("camille@acme.test", "Camille", "Martin"), ("sam@acme.test", "Sam", "Taylor")],
        workspace_id=seeded("workspace acme"),
    )
    world.api_token(acme)
    if not with_events:
        return
    _template(world, acme)
    _past(world, acme)
    _upcoming(world, acme)


def seeded(name: str) -> str:
    """Return the stable id of something in the first state."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"livestorm-simulator:{name}"))


def _template(world: World, acme: Workspace) -> Event:
    return events.create_event(
        world,
        acme,
        id=seeded("event template"),
        owner=acme.members[0].person,
        title=TEMPLATE_TITLE,
        description="<p>Meet our team and see what is new in the product.</p>",
        status="published",
        language="fr",
        estimated_duration=45,
        everyone_can_speak=False,
        chat_enabled=False,
        questions_enabled=True,
        polls_enabled=False,
        recording_enabled=True,
        detailed_registration_page_enabled=False,
        light_registration_page_enabled=True,
        show_in_company_page=False,
        fields=[
            Field("email", "text", required=True),
            Field("first_name", "text", required=True),
            Field("last_name", "text", required=True),
            Field("avatar", "file", required=False),
            Field(
                "how_did_you_hear",
                "multiple",
                required=False,
                custom=True,
                options=("Newsletter", "A colleague", "Search"),
            ),
        ],
    )


def _past(world: World, acme: Workspace) -> None:
    event = events.create_event(
        world,
        acme,
        id=seeded("event past"),
        owner=acme.members[1].person,
        title="Customer story: Northwind",
        description="<p>How Northwind trains 400 partners every quarter.</p>",
        status="published",
    )
    began = _at(world, days=-3, hour=15)
    # Registrations close with a session, so they come before it is moved to where it took place.
    session = sessions.create_session(world, acme, event, starts_at=_at(world, days=1, hour=15))
    for email, first_name in (("ada@northwind.test", "Ada"), ("grace@northwind.test", "Grace")):
        people.register(world, acme, session, {"email": email, "first_name": first_name})
    session.estimated_started_at = began
    session.started_at, session.ended_at = began, began + 40 * 60
    for registration in session.registrations.values():
        registration.attended, registration.attendance_seconds = True, 38 * 60


def _upcoming(world: World, acme: Workspace) -> None:
    webinar = events.create_event(
        world,
        acme,
        id=seeded("event webinar"),
        owner=acme.members[0].person,
        title="Quarterly roadmap webinar",
        description="<p>What we ship next, with time for your <b>questions</b>.</p>",
        status="published",
        estimated_duration=60,
    )
    session = sessions.create_session(world, acme, webinar, starts_at=_at(world, days=6, hour=11))
    for email in ("lee@contoso.test", "noor@contoso.test", "ines@fabrikam.test"):
        people.register(world, acme, session, {"email": email})
    office_hours = events.create_event(
        world,
        acme,
        id=seeded("event office hours"),
        owner=acme.members[1].person,
        title="Office hours",
        status="published",
        everyone_can_speak=True,
    )
    for days in (2, 9):
        sessions.create_session(world, acme, office_hours, starts_at=_at(world, days=days, hour=16))
    events.create_event(
        world,
        acme,
        id=seeded("event draft"),
        owner=acme.members[1].person,
        title="Onboarding workshop",
    )


def _at(world: World, *, days: int, hour: int) -> int:
    """Return a wall time in Paris about some days from today, on a working day, Unix seconds."""
    zone = ZoneInfo("Europe/Paris")
    day = datetime.fromtimestamp(world.now(), UTC).astimezone(zone) + timedelta(days=days)
    while day.weekday() > FRIDAY:
        day += timedelta(days=1 if days > 0 else -1)
    return int(day.replace(hour=hour, minute=0, second=0, microsecond=0).timestamp())
