"""Processes of `livestorm-calendar up` killed with -9 while people edit on both sides.

Whatever a killed process was about to write, in the end both sides are the same, everybody who was
invited or registered is on both, and nothing was made twice.
"""

import contextlib
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import sqlalchemy as sa

from addon.store.tables import calendars, intents, links, workspace_watches
from sandbox.google import GoogleSimulator
from sandbox.livestorm import LivestormSimulator
from sandbox.livestorm.changes import events, people, sessions
from sandbox.livestorm.records import Event, Session
from sandbox.simulation import Fault
from tests.server.calls import CAMILLE, ask_for_room, calendar_event, connect
from tests.server.two_way import activate
from tests.support.program import Program, command, wait_until_ready

SEED = 20261123
"""Decides what is edited and who is killed; when a kill hits is up to the machine."""

ROOMS = 3
"""Made before the killing. Few, because a workspace takes five calls a second."""

LATENCY_SECONDS = 0.1
"""What each call to a company takes, most of it before it takes effect: a killed process has then
mostly asked for something of which it never learns the answer."""

PAUSES = (0.05, 0.25)
"""Seconds from one edit to the next: some seven a second, more than are carried one by one."""

KILLED = ("web", "web worker", "worker")
"""gunicorn's master, one of its two workers, the background worker."""

ROUNDS = {"sqlite": 2, "postgresql": 1}
"""How often each is killed. What a killed process leaves behind hardly depends on the database."""

KILL_EVERY = 8
"""Steps from one kill to the next: about as long as a process takes to work again."""

SLOW_SECONDS = 0.5
"""From Livestorm's making an event to its answer: long enough to be killed in between."""

ROOM_SECONDS = 3.0
"""Livestorm is asked within so long, where there is somebody to ask it."""

PATIENCE_SECONDS = 90.0
"""For everything to come to rest, which takes some ten seconds on an idle machine."""

NUDGE_SECONDS = 2.0

SLOW = Fault(kind="slow_after", method="POST", path=r"/events$", seconds=SLOW_SECONDS, times=None)

START = datetime(2027, 3, 10, 14, tzinfo=UTC)


@dataclass
class Pair:
    """A Calendar event, its room, and who belongs to it by everything that people did."""

    event_id: str
    livestorm_id: str
    expected: set[str] = field(default_factory=set)


@pytest.fixture
def up(
    settings_environment: dict[str, str],
    google: GoogleSimulator,
    livestorm: LivestormSimulator,
    tmp_path: Path,
) -> Iterator[tuple[Program, int]]:
    """The program with its worker as production runs it, and the supervisor's process id."""
    google.switches.https_webhooks_only = False
    # Many calls to spare, so that polls and listings are as frequent as the settings say.
    livestorm.switches.limits_enabled = False
    livestorm.switches.limit_per_month = 10_000_000
    environment = settings_environment | {"SWEEP_SECONDS": "5", "LIVESTORM_POLL_SECONDS": "1"}
    log = tmp_path / "up.log"
    with command("up", environment=environment, log=log) as process:
        wait_until_ready(environment["BASE_URL"], process, log)
        with Program(environment["BASE_URL"], google, livestorm, environment) as program:
            yield program, process.pid


def test_kills_lose_nothing_and_double_nothing(up: tuple[Program, int], engine: sa.Engine) -> None:
    program, supervisor = up
    dice = random.Random(SEED)
    connect(program)
    activate(program)
    before = len(program.livestorm.world.events)
    pairs = [made for number in range(ROOMS) if (made := new_room(program, number)) is not None]
    assert len(pairs) == ROOMS
    wait_until(lambda: unlike(program, engine, pairs), engine)

    program.google.latency = program.livestorm.latency = LATENCY_SECONDS
    unmade: list[str] = []
    kills = ROUNDS[engine.dialect.name] * len(KILLED)
    victims = dice.sample(KILLED * ROUNDS[engine.dialect.name], kills)
    for step in range(kills * KILL_EVERY):
        if step % KILL_EVERY == KILL_EVERY // 2:
            event_id = save_event(program, step)
            with ThreadPoolExecutor(1) as person:
                # Killed while somebody waits for a room that Livestorm has just made.
                slow = program.livestorm.faults.add(SLOW)
                known = len(program.livestorm.world.events)
                asking = person.submit(made_room, program, event_id, pairs)
                give_up = time.monotonic() + ROOM_SECONDS
                while len(program.livestorm.world.events) == known and not asking.done():
                    if time.monotonic() > give_up:
                        break
                    time.sleep(0.01)
                kill(victims.pop(), supervisor, dice)
                program.livestorm.faults.remove(slow)
            unmade += [] if asking.result() else [event_id]
        edit(program, dice.choice(pairs[:ROOMS]), dice, step)
        unmade = [one for one in unmade if not made_room(program, one, pairs)]
        time.sleep(dice.uniform(*PAUSES))

    program.google.latency = program.livestorm.latency = 0.0

    def left() -> list[str]:
        unmade[:] = [one for one in unmade if not made_room(program, one, pairs)]
        return [*unmade, *unlike(program, engine, pairs)]

    wait_until(left, engine)

    assert len(pairs) == ROOMS + kills
    world = program.livestorm.world
    assert len(world.events) == before + len(pairs)
    mails = Counter((mail.to, mail.link) for mail in world.mails if mail.kind == "confirmation")
    assert set(mails.values()) == {1}
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(links)) == len(pairs)
        # The one of `connect`, which asked for a room before there was a connection, made none.
        assert connection.scalars(sa.select(intents.c.state).distinct()).all() == ["done"]


# The people


def new_room(program: Program, number: int) -> Pair | None:
    """Save an event and pick Livestorm for it; None when that fails, as it may under fire."""
    pairs: list[Pair] = []
    made_room(program, save_event(program, number), pairs)
    return pairs[0] if pairs else None


def save_event(program: Program, number: int) -> str:
    """Save an event without a room."""
    return calendar_event(program, summary=f"Webinar {number}", **times(number))


def made_room(program: Program, event_id: str, pairs: list[Pair]) -> bool:
    """Pick Livestorm, as a person does again after an error; add the pair when it worked."""
    try:
        room = ask_for_room(program, event_id)
    except (requests.ConnectionError, AssertionError):
        # Nobody is there to answer, or somebody who cannot yet.
        return False
    if "error" in room:
        return False
    program.google.world.attach_conference(CAMILLE, event_id, room)
    pairs.append(Pair(event_id, str(room["conferenceId"])))
    return True


def edit(program: Program, pair: Pair, dice: random.Random, step: int) -> None:
    """Do one of the things that people do, on either side."""
    google, world = program.google.world, program.livestorm.world
    event, session = event_of(program, pair), session_of(program, pair)
    workspace = world.workspace
    address = f"person{step}@partner.test"
    match dice.choice(["title", "room title", "time", "room time", "invite", "register", "leave"]):
        case "title":
            google.patch_event(CAMILLE, pair.event_id, {"summary": f"Edited in step {step}"})
        case "room title":
            with world.lock:
                title = {"title": f"Edited there in step {step}"}
                events.update_event(world, workspace, event, title)
        case "time":
            google.patch_event(CAMILLE, pair.event_id, times(step))
        case "room time":
            start = int((START + timedelta(hours=step)).timestamp())
            with world.lock:
                change = {"estimated_started_at": start}
                sessions.update_session(world, workspace, session, change)
        case "invite":
            change_guests(program, pair, add=address)
            pair.expected.add(address)
        case "register":
            values = {"email": address, "first_name": "Some", "last_name": "Body"}
            with world.lock:
                people.register(world, workspace, session, values)
            pair.expected.add(address)
        case "leave" if known := sorted(pair.expected - came_lately(step)):
            gone = dice.choice(known)
            if change_guests(program, pair, remove=gone):
                pair.expected.discard(gone)


def came_lately(step: int) -> set[str]:
    """Who may just have been added to the other side, by a process that is killed there and then.

    Whoever removes them from there before another one has looked sees them come back: nothing
    tells their removal from an addition that failed.
    """
    return {f"person{one}@partner.test" for one in range(step - 2 * KILL_EVERY, step + 1)}


def change_guests(program: Program, pair: Pair, *, add: str = "", remove: str = "") -> bool:
    """Write the guest list as Calendar's page does; False when whoever leaves is not on it."""
    google = program.google
    with google.state.lock:
        listed = google.world.event(CAMILLE, pair.event_id).get("attendees", [])
        kept = [one for one in listed if one["email"] != remove]
        if remove and len(kept) == len(listed):
            return False
        guests = [*kept, *([{"email": add}] if add else [])]
        google.world.patch_event(CAMILLE, pair.event_id, {"attendees": guests})
    return True


def times(hours: int) -> dict[str, Any]:
    """Start and end of a Calendar event, so many hours after `START`."""
    start = START + timedelta(hours=hours)
    zone = {"timeZone": "Europe/Paris"}
    return {
        "start": {"dateTime": start.isoformat(), **zone},
        "end": {"dateTime": (start + timedelta(hours=1)).isoformat(), **zone},
    }


# The killing


def kill(kind: str, supervisor: int, dice: random.Random) -> None:
    """Kill one process of a kind, as soon as there is one."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found = processes(supervisor).get(kind)
        if found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(dice.choice(sorted(found)), signal.SIGKILL)
                return
        time.sleep(0.05)
    raise AssertionError(f"there is no {kind} any more")


def processes(supervisor: int) -> dict[str, list[int]]:
    """Return the process ids below the supervisor, by kind."""
    found: dict[str, list[int]] = {}
    for child in children(supervisor):
        # "… -m server.cli serve"
        words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
        found.setdefault("web" if b"serve" in words else "worker", []).append(child)
        if b"serve" in words:
            found.setdefault("web worker", []).extend(children(child))
    return found


def children(pid: int) -> list[int]:
    """Return the processes that a process started (Linux)."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            found += [int(child) for child in task.read_text().split()]
    return found


# The end


def event_of(program: Program, pair: Pair) -> Event:
    return program.livestorm.world.events[pair.livestorm_id]


def session_of(program: Program, pair: Pair) -> Session:
    [session] = [
        one
        for one in program.livestorm.world.sessions.values()
        if one.event_id == pair.livestorm_id
    ]
    return session


def unlike(program: Program, engine: sa.Engine, pairs: list[Pair]) -> list[str]:
    """Say what is not done yet, or not the same on both sides; nothing in the end."""
    said = []
    with engine.connect() as connection:
        outstanding = connection.execute(
            sa.select(links.c.id, links.c.trouble).where(
                sa.or_(links.c.dirty_at.is_not(None), links.c.queued, links.c.base.is_(None))
            )
        ).all()
        rung = connection.scalar(
            sa.select(sa.func.count()).where(calendars.c.pushed_at.is_not(None))
        )
    said += [f"{one.id} is outstanding: {one.trouble}" for one in outstanding]
    said += ["a list is outstanding"] if rung else []
    for pair in pairs:
        calendar = program.google.world.event(CAMILLE, pair.event_id)
        event, session = event_of(program, pair), session_of(program, pair)
        invited = sorted(
            one["email"] for one in calendar.get("attendees", []) if not one.get("organizer")
        )
        registered = sorted(
            one.person.email for one in session.registrations.values() if one.role == "participant"
        )
        start = datetime.fromisoformat(calendar["start"]["dateTime"]).timestamp()
        sides = [
            (calendar["summary"], event.title),
            (start, session.estimated_started_at),
            (invited, sorted(pair.expected)),
            (registered, sorted(pair.expected)),
        ]
        said += [f"{pair.event_id}: {one} ≠ {other}" for one, other in sides if one != other]
    return said


def wait_until(left: Callable[[], list[str]], engine: sa.Engine) -> None:
    """Wait until nothing is left, letting time pass that the test has not got.

    A killed process leaves the leases of its looks behind, which run out after a minute or two,
    and Livestorm's workspace is looked at when its pace says so.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    nudged = 0.0
    while said := left():
        assert time.monotonic() < deadline, "\n".join(said)
        if time.monotonic() > nudged + NUDGE_SECONDS:
            nudged = time.monotonic()
            pass_time(engine)
        time.sleep(0.1)


def pass_time(engine: sa.Engine) -> None:
    """Have what waits for a later time be due now."""
    past = datetime(2020, 1, 1, tzinfo=UTC)
    with engine.begin() as connection:
        for table in (calendars, workspace_watches):
            connection.execute(
                sa.update(table).where(table.c.lease_until.is_not(None)).values(lease_until=past)
            )
        connection.execute(sa.update(workspace_watches).values(next_poll_at=past))
