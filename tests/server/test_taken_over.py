"""A worker freezes in the middle of a job, another one does the job, and the first one goes on.

What it knows is old by then. Nothing is made twice, nobody's edit is taken back, and whoever was
invited again stays.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from time_machine import TimeMachineFixture as TimeMachine

from sandbox.google import GoogleSimulator
from sandbox.livestorm import LivestormSimulator
from sandbox.livestorm.changes import events
from tests.server.calls import CAMILLE
from tests.server.two_way import TwoWay, activate, saved_room

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

FIRST = datetime(2027, 3, 10, 14, tzinfo=UTC)
WEEK = timedelta(days=7)

READS_EVENT = ("GET", r"/v1/events/[^/]+$")
MAKES_SESSION = ("POST", r"/v1/events/[^/]+/sessions$")


@contextmanager
def during(
    simulator: GoogleSimulator | LivestormSimulator,
    call: tuple[str, str],
    what: Callable[[], object],
    *,
    answered: bool,
) -> Iterator[list[str]]:
    """Let something happen at the first call of a kind: as it arrives, or once it is `answered`.

    Yields the paths of the calls at which it did.
    """
    (method, path), app, hit = call, simulator.app.wsgi_app, list[str]()

    def layer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        fits = environ["REQUEST_METHOD"] == method and re.search(path, environ["PATH_INFO"])
        if hit or not fits:
            return app(environ, start_response)
        hit.append(environ["PATH_INFO"])
        if not answered:
            what()
            return app(environ, start_response)
        answer = list(app(environ, start_response))
        what()
        return answer

    simulator.app.wsgi_app = layer  # type: ignore[method-assign]
    try:
        yield hit
    finally:
        simulator.app.wsgi_app = app  # type: ignore[method-assign]


def starts(two_way: TwoWay, room: str) -> list[datetime]:
    """When the sessions of a room are."""
    world = two_way.program.livestorm.world
    ids = world.events[room].session_ids
    return sorted(
        datetime.fromtimestamp(world.sessions[one].estimated_started_at, UTC) for one in ids
    )


def registered(two_way: TwoWay, room: str) -> list[str]:
    """Who is registered for the one session of a room."""
    world = two_way.program.livestorm.world
    [session_id] = world.events[room].session_ids
    people = world.sessions[session_id].registrations.values()
    return sorted(one.person.email for one in people if one.role == "participant")


def noticed(two_way: TwoWay) -> None:
    """Have what people did in Calendar listed, and carry nothing yet."""
    two_way.program.google.deliver_notifications()
    for calendar in two_way.noticing.calendars.take(10):
        two_way.noticing.calendars.look(calendar)


def come_to_rest(two_way: TwoWay, time_machine: TimeMachine) -> None:
    """Let what waits become due, until nothing does."""
    for _ in range(3):
        time_machine.move_to(datetime.now(UTC) + timedelta(minutes=5))
        two_way.poll_livestorm()
        two_way.settle()
    assert two_way.link().dirty_at is None


def test_nothing_is_made_twice(two_way: TwoWay, time_machine: TimeMachine) -> None:
    with during(two_way.program.livestorm, READS_EVENT, two_way.run_jobs, answered=True) as frozen:
        _, room = saved_room(two_way, recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
        two_way.settle()
    assert frozen
    come_to_rest(two_way, time_machine)
    assert starts(two_way, str(room["conferenceId"])) == [FIRST + WEEK * week for week in range(3)]


def test_a_session_that_livestorm_is_still_making_is_not_made_again(
    two_way: TwoWay, time_machine: TimeMachine
) -> None:
    with during(
        two_way.program.livestorm, MAKES_SESSION, two_way.run_jobs, answered=False
    ) as frozen:
        _, room = saved_room(two_way, recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
        two_way.settle()
    assert frozen
    come_to_rest(two_way, time_machine)
    assert starts(two_way, str(room["conferenceId"])) == [FIRST + WEEK * week for week in range(3)]


def test_an_edit_made_since_is_not_taken_back(two_way: TwoWay, time_machine: TimeMachine) -> None:
    event_id, room = saved_room(two_way)
    two_way.settle()
    google, livestorm = two_way.program.google, two_way.program.livestorm

    def another_worker() -> None:
        google.world.patch_event(CAMILLE, event_id, {"summary": "The second thought"})
        two_way.settle()

    google.world.patch_event(CAMILLE, event_id, {"summary": "The first thought"})
    noticed(two_way)
    with during(livestorm, READS_EVENT, another_worker, answered=True) as frozen:
        two_way.run_jobs()
    assert frozen
    come_to_rest(two_way, time_machine)
    assert google.world.event(CAMILLE, event_id)["summary"] == "The second thought"
    assert livestorm.world.events[str(room["conferenceId"])].title == "The second thought"


def test_whoever_was_invited_again_since_stays(two_way: TwoWay, time_machine: TimeMachine) -> None:
    invited = {"attendees": [{"email": "lena@partner.test"}, {"email": "omar@partner.test"}]}
    event_id, room = saved_room(two_way, **invited)
    two_way.settle()
    google, livestorm = two_way.program.google, two_way.program.livestorm

    def another_worker() -> None:
        google.world.patch_event(CAMILLE, event_id, invited)
        two_way.settle()

    google.world.patch_event(CAMILLE, event_id, {"attendees": invited["attendees"][:1]})
    noticed(two_way)
    with during(livestorm, READS_EVENT, another_worker, answered=True) as frozen:
        two_way.run_jobs()
    assert frozen
    come_to_rest(two_way, time_machine)
    both = ["lena@partner.test", "omar@partner.test"]
    assert registered(two_way, str(room["conferenceId"])) == both
    listed = google.world.event(CAMILLE, event_id)["attendees"]
    assert sorted(one["email"] for one in listed if not one.get("organizer")) == both


def test_what_was_agreed_since_is_not_overwritten(
    two_way: TwoWay, time_machine: TimeMachine
) -> None:
    """The first job has nothing to write, or has written; what it stores would be old."""
    event_id, room = saved_room(two_way)
    two_way.settle()
    google, livestorm = two_way.program.google, two_way.program.livestorm
    event = livestorm.world.events[str(room["conferenceId"])]

    def another_worker() -> None:
        with livestorm.world.lock:
            title = {"title": "Named in Livestorm"}
            events.update_event(livestorm.world, livestorm.world.workspace, event, title)
        two_way.product.notices.touch(two_way.link().id)
        two_way.settle()

    google.world.patch_event(CAMILLE, event_id, {"location": "Upstairs"})
    two_way.product.notices.touch(two_way.link().id)
    with during(livestorm, READS_EVENT, another_worker, answered=True) as frozen:
        two_way.run_jobs()
    assert frozen
    come_to_rest(two_way, time_machine)
    assert google.world.event(CAMILLE, event_id)["summary"] == "Named in Livestorm"
    assert event.title == "Named in Livestorm"
    assert two_way.link().base["title"] == ["Named in Livestorm", "Named in Livestorm"]


def test_nothing_more_is_written_once_somebody_has_deactivated(
    two_way: TwoWay, time_machine: TimeMachine
) -> None:
    """A job that was at work then stops where it is, and is done anew after activating again."""
    event_id, room = saved_room(two_way)
    two_way.settle()
    google, livestorm = two_way.program.google, two_way.program.livestorm
    user_id = two_way.link().user_id
    google.world.patch_event(CAMILLE, event_id, {"summary": "Too late"})
    noticed(two_way)
    event = livestorm.world.events[str(room["conferenceId"])]
    with during(
        livestorm,
        READS_EVENT,
        lambda: two_way.product.syncing.deactivated(user_id),
        answered=True,
    ) as working:
        two_way.run_jobs()
    assert working
    assert event.title != "Too late"
    activate(two_way.program)
    come_to_rest(two_way, time_machine)
    assert event.title == "Too late"
