"""Count what carrying a change costs at both companies: `python -m bench.changes`.

Counted from the simulators' logs, step by step, so the figures are the same on every machine.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from bench.figures import Figure, at_most, report
from bench.step_by_step import Asked, Moved, activated, asked
from sandbox.livestorm.changes import events
from tests.server.calls import CAMILLE
from tests.server.two_way import TwoWay, saved_room

LIST = "GET /calendars/…/events"
"""An incremental list of a calendar."""

READ = "GET /events/…"
JOB = "GET /jobs/…"
BULK = "POST /sessions/…/people/bulk"

BURST = 20
QUIET_SECONDS = 2.0
"""Nothing happens for so long: six looks for stamped calendars."""

IDLE_DAYS = 4
"""Long enough for a channel of seven days to be renewed at half of its life."""

SWEEP_SECONDS = 600
STEP = timedelta(seconds=SWEEP_SECONDS / 2)

UPKEEP = frozenset(
    {
        *("POST /calendars/…/events/watch", "POST /channels/stop", "POST /token"),
        *("GET /webhooks", "POST /webhooks", "DELETE /webhooks/…", "POST /oauth/token"),
        *("GET /events", "GET /sessions"),
    }
)
"""What may be asked while nothing changes, beside the sweep's lists: channels and webhooks renewed,
tokens refreshed, polls and listings of the workspace."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Count, print, and return 1 when more was asked than is allowed."""
    options = _options(arguments)
    figures: list[Figure] = []
    with activated(options.database) as moved:
        rig = moved.rig
        event_id, room = saved_room(rig)
        _come_to_rest(rig)
        for name, count in (
            ("one field edited in Calendar", lambda: _edited(rig, event_id)),
            ("one field edited in Livestorm", lambda: _edited_there(moved, room)),
            ("50 guests invited", lambda: _invited(rig, event_id)),
        ):
            figures += _shown(name, count)
        figures.append(_burst(rig, event_id))
        figures += _idle(moved, options.days)
    return report(f"what changes cost, on {options.database}", figures)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.changes", description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--days", type=int, default=IDLE_DAYS, help="of nothing happening")
    return parser.parse_args(arguments)


def _shown(name: str, count: Callable[[], list[Figure]]) -> Iterator[Figure]:
    for figure in count():
        yield Figure(f"{name}, {figure.name}", figure.measured, figure.required, figure.good)


def _come_to_rest(rig: TwoWay) -> None:
    """Have everything compared, the workspace subscribed to and polled, and the logs emptied."""
    for _ in range(2):
        rig.settle()
        rig.poll_livestorm()
        rig.program.livestorm.settle()
    rig.settle()
    asked(rig)


def _edited(rig: TwoWay, event_id: str) -> list[Figure]:
    rig.program.google.world.patch_event(CAMILLE, event_id, {"summary": "Edited in Calendar"})
    rig.settle()
    carried = asked(rig)
    return [
        *_exactly(carried, google={LIST: 1}, livestorm={READ: 1, "PATCH /events/…": 1}),
        *_echo(rig),
    ]


def _edited_there(moved: Moved, room: dict[str, Any]) -> list[Figure]:
    rig = moved.rig
    world = rig.program.livestorm.world
    event = world.events[room["conferenceId"]]
    workspace = world.workspace_of(event.id)
    if workspace is None:
        raise SystemExit("the event is in no workspace")
    events.update_event(world, workspace, event, {"title": "Edited in Livestorm"})
    # A change in the second of the poll itself would be told once more by the next one.
    moved.clock.shift(2)
    rig.poll_livestorm()
    asked(rig)
    rig.settle()
    carried = asked(rig)
    # Our own write rings, so the list of the echo is in here.
    once = {"PATCH /calendars/…/events/…": 1, LIST: 1}
    return [*_exactly(carried, google=once, livestorm={READ: 1}), *_echo(rig)]


def _invited(rig: TwoWay, event_id: str) -> list[Figure]:
    guests = [{"email": f"guest{number}@partner.test"} for number in range(50)]
    rig.program.google.world.patch_event(CAMILLE, event_id, {"attendees": guests})
    rig.settle()
    rig.program.livestorm.settle()
    rig.settle()
    carried = asked(rig)
    return [
        *_exactly(carried, google={LIST: 1}, livestorm={READ: 1, BULK: 1, JOB: 1}),
        *_echo(rig),
    ]


def _exactly(carried: Asked, *, google: dict[str, int], livestorm: dict[str, int]) -> list[Figure]:
    """At most these calls, and no others."""
    return [
        _within("calls to Google", carried.google, google),
        _within("calls to Livestorm", carried.livestorm, livestorm),
    ]


def _within(name: str, measured: Counter[str], most: dict[str, int]) -> Figure:
    good = all(count <= most.get(call, 0) for call, count in measured.items())
    return Figure(name, _spelled(measured), f"at most {_spelled(Counter(most))}", good)


def _echo(rig: TwoWay) -> list[Figure]:
    """What follows when both sides tell of what was just written."""
    rig.program.google.deliver_notifications()
    rig.poll_livestorm()
    rig.settle()
    told = asked(rig)
    # One list is allowed; the poll that tells of our write is no answer to it, it was due anyway.
    allowed = {LIST: 1}
    polls = {call: count for call, count in told.livestorm.items() if call in UPKEEP}
    return [
        _within("the echo, calls to Google", told.google, allowed),
        _within("the echo, calls to Livestorm beside polls", told.livestorm - Counter(polls), {}),
    ]


def _burst(rig: TwoWay, event_id: str) -> Figure:
    """Let 20 pushes come at once while the program looks by itself, as in the worker."""
    google = rig.program.google
    google.switches.push_duplicates = BURST - 1
    google.switches.webhook_delivery = "thread"
    with _looking(rig):
        before = len(google.channels.deliveries)
        google.world.patch_event(CAMILLE, event_id, {"summary": "Told twenty times"})
        google.wait_for_notifications()
        pushes = len(google.channels.deliveries) - before
        _wait_until_quiet(rig)
    google.switches.push_duplicates = 0
    google.switches.webhook_delivery = "manual"
    lists = asked(rig).google[LIST]
    _come_to_rest(rig)
    return at_most(f"a burst of {pushes} pushes", lists, 2, " lists")


@contextmanager
def _looking(rig: TwoWay) -> Iterator[None]:
    rig.noticing.start()
    try:
        yield
    finally:
        rig.noticing.stop()


def _wait_until_quiet(rig: TwoWay) -> None:
    calls, since = -1, time.monotonic()
    while time.monotonic() - since < QUIET_SECONDS:
        now = len(rig.program.google.log)
        if now != calls:
            calls, since = now, time.monotonic()
        time.sleep(0.05)


def _idle(moved: Moved, days: int) -> list[Figure]:
    """Let days pass in which nothing happens, and everything that is due be done."""
    noticing = moved.rig.noticing
    for _ in range(int(timedelta(days=days) / STEP)):
        moved.clock.shift(STEP)
        noticing.sweep.calendars()
        noticing.sweep.links()
        noticing.tidy()
        for watch in noticing.workspaces.take(10):
            noticing.workspaces.look(watch)
        moved.rig.settle()
    told = asked(moved.rig)
    print(f"idle for {days} days: {told}")
    others = Counter(
        {
            call: count
            for call, count in (told.google + told.livestorm).items()
            if call not in UPKEEP and call != LIST
        }
    )
    renewals = told.google["POST /calendars/…/events/watch"]
    looks = told.livestorm["GET /events"]
    return [
        _within(f"idle for {days} days, beside upkeep", others, {}),
        # A new channel is followed by a list.
        at_most(
            f"idle for {days} days, lists of the calendar",
            told.google[LIST],
            days * 24 * 3600 / SWEEP_SECONDS + renewals,
        ),
        at_most(f"idle for {days} days, channels opened", renewals, days / 3.5 + 1),
        # docs/livestorm-budget.md: with nearly nothing needed, a listing every 5 minutes at best.
        at_most(f"idle for {days} days, looks at Livestorm", looks, days * 24 * 60 / 5),
    ]


def _spelled(calls: Counter[str]) -> str:
    return ", ".join(f"{count} × {call}" for call, count in sorted(calls.items())) or "none"


if __name__ == "__main__":
    sys.exit(main())
