"""The isolation matrix: every address of the program, asked by another person for one's things.

Camille and Sam each have a workspace, a template, a link with history, a grant, channels and
webhooks of their own. With Sam's credentials, and with none, every endpoint is asked for each of
Camille's things by its id, wherever it takes one. No answer may hold anything of Camille's, no row
of Camille's may change, and nothing may be asked of Google or Livestorm in Camille's name.
"""

import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
import sqlalchemy as sa

from addon.store.tables import calendars, channels, intents, links, users
from server import settings
from server.app import create_app
from server.browser.arrival import Arrivals
from tests.server import two_way
from tests.server.browsing import browser, csrf_token
from tests.server.calls import CAMILLE, SAM, ask_for_room, calendar_event, connect
from tests.server.databases import contents
from tests.support.program import Program

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

TITLE = "Isolated-Title-4711"
RENAMED = "Isolated-Renamed-4711"
TEMPLATE = "Isolated-Template-4711"
DESCRIPTION = "Isolated-Description-4711"
GUEST = "isolated.guest@partner.test"
TICKETS = ("livestorm ticket", "google ticket", "arrival")


@dataclass
class Rig:
    """Both people's things, and what may never be seen of Camille's."""

    program: Program
    """Sam's browser."""
    engine: sa.Engine
    ids: dict[str, str] = field(default_factory=dict)
    """Camille's things by kind: what Sam asks for."""
    words: dict[str, str] = field(default_factory=dict)
    """Values of Camille's that no answer may hold."""
    sam: str = ""
    """Our id of Sam, whose own rows may hold what Sam asked for."""
    sams_hook: str = ""
    sams_channel: dict[str, str] = field(default_factory=dict)
    token: str = ""
    """The CSRF token of Sam's session."""

    def mine(self) -> dict[str, list[str]]:
        """Every row that names Camille or one of Camille's things, and is not Sam's own."""
        marks = [self.ids[name] for name in ("user", "link", "intent", "workspace", "calendar")]
        rows = {table: map(repr, found) for table, found in contents(self.engine).items()}
        return {
            table: [
                row for row in found if self.sam not in row and any(mark in row for mark in marks)
            ]
            for table, found in rows.items()
        }


Asking = Callable[[Rig, str], Iterator[requests.Response]]
"""Given a path's pattern, asks for each of Camille's things; yields the answers."""


def as_addon(rig: Rig, rule: str) -> Iterator[requests.Response]:
    """Sam's identity token, and Camille's things in every part of the event object."""
    for name, value in rig.ids.items():
        for calendar in (CAMILLE, SAM) if name == "calendar event" else (CAMILLE,):
            event = {
                "calendar": {
                    "calendarId": calendar,
                    "id": value,
                    "organizer": {"email": CAMILLE},
                },
                "commonEventObject": {
                    "formInputs": {"template_id": {"stringInputs": {"value": [value]}}},
                    "parameters": {"id": value, "link_id": value, "user_id": rig.ids["user"]},
                },
            }
            yield rig.program.addon(rule, account=SAM, event=event)


def as_page(*fields: str, method: str = "GET") -> Asking:
    """Sam's session, or none; Camille's things in the path and in each of these fields."""

    def ask(rig: Rig, rule: str) -> Iterator[requests.Response]:
        nobody = browser(rig.program)
        for name, value in rig.ids.items():
            path = re.sub(r"<[^>]+>", value, rule)
            values = dict.fromkeys(fields, value)
            for program in (rig.program, nobody) if name in {"link", "user"} else (rig.program,):
                if method == "GET":
                    yield program.get(path, params=values)
                else:
                    form = {"csrf_token": rig.token, **values}
                    yield program.post(path, data=form)

    return ask


def as_livestorm(rig: Rig, rule: str) -> Iterator[requests.Response]:
    """The secret of the webhooks of Sam's workspace, and Camille's event in the delivery."""
    secret = rig.sams_hook.rpartition("/")[2]
    for value in rig.ids.values():
        attributes = {"event_id": value, "organization_id": rig.ids["workspace"], "title": value}
        for kind in ("event.updated", "session.created", "people.registered"):
            meta = {"webhook": {"event": kind, "organization_id": rig.ids["workspace"]}}
            body = {"id": value, "type": kind.partition(".")[0], "attributes": attributes}
            delivery = {"data": {**body, "meta": meta}}
            yield rig.program.post(rule.replace("<secret>", secret), json=delivery)
        yield rig.program.post(rule.replace("<secret>", value), json={})


def as_google(rig: Rig, rule: str) -> Iterator[requests.Response]:
    """Sam's channel that claims to speak of Camille's, and Camille's with Sam's token."""
    for value in rig.ids.values():
        for claimed in ("X-Goog-Channel-ID", "X-Goog-Resource-ID", "X-Goog-Channel-Token"):
            headers = {**rig.sams_channel, claimed: value}
            yield rig.program.post(rule, headers=headers)


def as_anybody(rig: Rig, rule: str) -> Iterator[requests.Response]:
    """Nobody in particular."""
    yield browser(rig.program).get(re.sub(r"<[^>]+>", "pages.css", rule))


MATRIX: dict[str, Asking] = {
    "GET /static/<path:filename>": as_anybody,
    "GET /healthz": as_anybody,
    "GET /readyz": as_anybody,
    "GET /metrics": as_anybody,
    "POST /addon/home": as_addon,
    "POST /addon/event": as_addon,
    "POST /addon/template": as_addon,
    "POST /addon/sync": as_addon,
    "POST /addon/conference": as_addon,
    "POST /addon/settings-url": as_addon,
    "POST /hooks/google": as_google,
    "POST /hooks/livestorm/<secret>": as_livestorm,
    "GET /livestorm/connect": as_page("ticket"),
    "POST /livestorm/connect": as_page("token", "email", method="POST"),
    "GET /livestorm/callback": as_page("state", "code"),
    "GET /google/sign-in": as_page("next"),
    "GET /google/activate": as_page("ticket"),
    "GET /google/callback": as_page("state", "code"),
    "GET /integration": as_page("q", "page", "when", "state", "event", "user"),
    "GET /integration/google-calendar": as_page("q", "user"),
    "GET /integration/deactivate": as_page("user"),
    "GET /integration/calendar": as_page("view", "date", "user"),
    "GET /integration/events/<link_id>": as_page("before", "back"),
    "GET /integration/erase": as_page("user"),
    "GET /integration/erased": as_page("erasure", "id"),
    "POST /integration/events/<link_id>/sync": as_page("back", "link_id", method="POST"),
    "POST /integration/steps/<step>": as_page("user", method="POST"),
    "POST /integration/include": as_page("user", "link_id", method="POST"),
    "GET /integration/connect": as_page("user"),
    # What ends Sam's session or access comes last; each of them is about whoever asks.
    "GET /integration/from-addon": as_page("ticket", "event"),
    "POST /integration/sign-out": as_page("user", method="POST"),
    "POST /integration/deactivate": as_page("user", method="POST"),
    "POST /addon/sign-out": as_addon,
    "POST /integration/erase": as_page("user", "user_id", method="POST"),
}
"""Method and rule of every route → how another person asks there for one's things."""

SIGNED_IN_ANEW = ("POST /integration/deactivate", "POST /integration/erase")
"""What would otherwise be asked by somebody who is signed out by the route before."""


@pytest.fixture
def rig(program: Program, engine: sa.Engine) -> Rig:
    """Camille and Sam, strangers to each other, each with everything a person can have."""
    work = two_way.begin(program)
    world = program.livestorm.world
    strangers = world.add_workspace("Strangers", [("sam@strangers.test", "Sam", "Other")])
    for account, member in ((CAMILLE, CAMILLE), (SAM, "sam@strangers.test")):
        person = browser(program)
        connect(person, account=account, member=member)
        two_way.activate(person, account=account)
        theirs = account == CAMILLE
        template = world.add_event(
            TEMPLATE if theirs else "Sam's", workspace=world.workspace if theirs else strangers
        )
        form = {"template_id": {"stringInputs": {"value": [template.id]}}}
        event = {"commonEventObject": {"formInputs": form}}
        assert person.addon("/addon/template", account=account, event=event).status_code == 200
        event_id = calendar_event(
            person,
            account=account,
            summary=TITLE if theirs else "Sam's",
            description=DESCRIPTION if theirs else "",
            attendees=[{"email": GUEST if theirs else "other@partner.test"}],
        )
        room = ask_for_room(person, event_id, account=account)
        program.google.world.attach_conference(account, event_id, room)
        if account == SAM:
            program = person
    work.settle()
    work.poll_livestorm()
    with engine.connect() as connection:
        link = connection.execute(sa.select(links).where(links.c.calendar_id == CAMILLE)).one()
    program.google.world.patch_event(CAMILLE, link.event_id, {"summary": RENAMED})
    work.settle()
    return completed(Rig(program, engine), link, strangers.webhooks.values())


def completed(rig: Rig, link: Any, hooks: Any) -> Rig:
    """Fill in the ids and words of Camille's things, and Sam's own credentials."""
    program, product = rig.program, two_way_product(rig.program)
    tickets = {
        "livestorm ticket": product.connecting.ticket(link.user_id),
        "google ticket": product.activation.ticket(link.user_id),
        "arrival": Arrivals(rig.engine, program.environment["SECRET_KEY"]).ticket(link.user_id),
    }
    # Whoever finds a link that was followed already.
    assert product.connecting.redeem(tickets["livestorm ticket"]) == link.user_id
    assert product.activation.redeem(tickets["google ticket"]) == link.user_id
    assert browser(program).get("/integration/from-addon", params={"ticket": tickets["arrival"]}).ok
    with rig.engine.begin() as connection:
        person = connection.execute(sa.select(users).where(users.c.id == link.user_id)).one()
        calendar = connection.execute(
            sa.select(calendars.c.id).where(calendars.c.user_id == link.user_id)
        ).scalar_one()
        channel = connection.execute(
            sa.select(channels.c.id).where(channels.c.calendar == calendar)
        ).scalar_one()
        connection.execute(sa.insert(intents).values(**open_intent(link.user_id)))
    secrets = [
        hook.url.rpartition("/")[2] for hook in program.livestorm.world.workspace.webhooks.values()
    ]
    rig.ids = {
        "link": link.id,
        "calendar event": link.event_id,
        "livestorm event": link.livestorm_event_id,
        "livestorm session": link.livestorm_session_id,
        "template": person.template_event_id,
        "user": link.user_id,
        "intent": open_intent(link.user_id)["id"],
        "workspace": link.workspace_id,
        "calendar": calendar,
        "channel": channel,
        **tickets,
    }
    with rig.engine.connect() as connection:
        rig.sam = connection.execute(sa.select(users.c.id).where(users.c.email == SAM)).scalar_one()
    rig.words = {
        **rig.ids,
        **{"title": TITLE, "renamed": RENAMED, "template title": TEMPLATE, "guest": GUEST},
        **{"description": DESCRIPTION, "workspace name": "Acme", "room": link.room_link},
        **{f"webhook secret {number}": secret for number, secret in enumerate(set(secrets))},
        **{f"token {number}": token for number, token in enumerate(tokens_of_camille(program))},
    }
    sams = next(one for one in program.google.channels.open_channels.values() if one.id != channel)
    rig.sams_channel = {
        "X-Goog-Channel-ID": sams.id,
        "X-Goog-Channel-Token": str(sams.token),
        "X-Goog-Resource-ID": sams.resource_id,
        "X-Goog-Resource-State": "exists",
        "X-Goog-Message-Number": "7",
    }
    rig.sams_hook = next(iter(hooks)).url
    rig.token = csrf_token(program.get("/integration"))
    return rig


def two_way_product(program: Program) -> Any:
    assert program.product is not None
    return program.product


def open_intent(user_id: str) -> dict[str, Any]:
    """An intent of Camille's that came to no end, its lease long over."""
    past = datetime.now(UTC) - timedelta(minutes=5)
    return {
        "id": uuid.uuid5(uuid.NAMESPACE_OID, user_id).hex,
        "user_id": user_id,
        "calendar_id": CAMILLE,
        "event_id": "unfinished4711",
        "mark": "4711471147114711",
        "state": "open",
        "lease_until": past,
        "sent_at": past,
        "created_at": past,
    }


def tokens_of_camille(program: Program) -> set[str]:
    """What opens Google and Livestorm in Camille's name."""
    google = program.google.grants
    found = {value for value, token in google.access_tokens.items() if token.email == CAMILLE}
    found |= {value for value, token in google.refresh_tokens.items() if token.email == CAMILLE}
    grants = program.livestorm.world.grants
    _, member = program.livestorm.world.member(CAMILLE)
    for token in grants._by_access.values():
        if token.user_id == member.user_id:
            found |= {token.tokens.access_token, token.tokens.refresh_token}
    return found


def sent(answer: requests.Response) -> str:
    """Everything that was asked to get an answer, redirects included."""
    asked = [one.request for one in (*answer.history, answer)]
    return "".join(f"{one.url}{one.headers}{one.body!r}" for one in asked)


def told(rig: Rig, answer: requests.Response) -> set[str]:
    """Which of Camille's things an answer holds, but for what it was asked with."""
    # Where a redirect leads, the companies show pages of their own.
    ours = answer.text if answer.url.startswith(rig.program.url) else ""
    text = ours + "".join(f"{one.headers}" for one in (*answer.history, answer))
    asked = sent(answer)
    return {name for name, word in rig.words.items() if word in text and word not in asked}


def nothing_of_camilles_is_sams(rig: Rig) -> None:
    """Whatever Sam asked for, nothing of Camille's at Livestorm belongs to Sam now."""
    with rig.engine.connect() as connection:
        template = sa.select(users.c.template_event_id).where(users.c.id == rig.sam)
        assert connection.execute(template).scalar_one() != rig.ids["template"]
        rooms = connection.execute(sa.select(links).where(links.c.user_id == rig.sam)).all()
    assert len(rooms) > 1
    named = {rig.ids[name] for name in ("livestorm event", "livestorm session", "workspace")}
    for room in rooms:
        theirs = {room.livestorm_event_id, room.livestorm_session_id, room.workspace_id}
        assert theirs & named == set()


def test_every_route_is_in_the_matrix(settings_environment: dict[str, str]) -> None:
    app = create_app(settings.read(settings_environment))
    routes = {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    app.extensions["product"].engine.dispose()
    assert routes == MATRIX.keys()


def test_their_owner_sees_them(rig: Rig) -> None:
    """Otherwise nothing would be proven by others not seeing them."""
    camille = browser(rig.program)
    two_way.activate(camille)
    event = {"calendar": {"calendarId": CAMILLE, "id": rig.ids["calendar event"]}}
    answers = [
        camille.get("/integration"),
        camille.get("/integration/google-calendar"),
        camille.get(f"/integration/events/{rig.ids['link']}"),
        camille.addon("/addon/home"),
        camille.addon("/addon/event", event=event),
        camille.addon("/addon/conference", event=event),
    ]
    assert {answer.status_code for answer in answers} == {200}
    seen = {name for name, word in rig.words.items() if any(word in one.text for one in answers)}
    assert seen >= {
        *("link", "livestorm event", "livestorm session", "room", "title", "renamed", "guest"),
        *("template", "template title", "workspace name", "description"),
    }


def test_nobody_gets_or_changes_anything_of_somebody_elses(rig: Rig) -> None:
    program = rig.program
    before, tokens = rig.mine(), tokens_of_camille(program)
    assert {table for table, rows in before.items() if rows} >= {
        *("users", "links", "history", "intents", "livestorm_connections", "google_grants"),
        *("calendars", "channels", "workspaces", "workspace_watches", "allowances"),
    }
    program.google.clear_log()
    program.livestorm.clear_log()
    statuses: dict[str, set[int]] = {}
    for route, ask in MATRIX.items():
        if route == "POST /integration/erase":
            nothing_of_camilles_is_sams(rig)
        if route in SIGNED_IN_ANEW:
            two_way.activate(program, account=SAM)
            rig = replace(rig, token=csrf_token(program.get("/integration")))
        for answer in ask(rig, route.partition(" ")[2]):
            statuses.setdefault(route, set()).add(answer.status_code)
            assert answer.status_code < 500, route
            assert told(rig, answer) == set(), f"{route}: {sent(answer)}"
        assert rig.mine() == before, route
    used = {
        call.headers.get("authorization", "").removeprefix("Bearer ")
        for log in (program.google.log, program.livestorm.log)
        for call in log
    }
    assert used, "Sam's own calls were made"
    assert used & tokens == set()
    # What is another's is answered as what never was.
    assert statuses["GET /integration/events/<link_id>"] == {401, 404}, "401 asks to sign in"
