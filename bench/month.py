"""Live a month of one Livestorm workspace on a clock that is moved: `python -m bench.month`.

Somebody makes events all month long. Each gets twenty guests, and its title and time are edited
in Calendar, which is where an edit costs most: a read and a write at Livestorm. Meanwhile the
workspace is polled, listed and subscribed to as its allowance lets it. An event counts when both
sides were the same after its last edit.
"""

import argparse
import heapq
import itertools
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
import time_machine

from addon.store.tables import workspace_watches
from bench.figures import at_least, report
from bench.step_by_step import activated, kind
from tests.server.calls import CAMILLE, ask_for_room, calendar_event
from tests.server.two_way import TwoWay

MONTH = timedelta(days=30)
"""Livestorm's period (developers.livestorm.co/docs/rate-limits-and-quotas)."""

OFFERED = 1000
"""Events made in the month: more than its calls are required to carry."""

REQUIRED = 900

GUESTS = 20

AHEAD = timedelta(days=10)
"""From making an event to its start."""

SETTLING = timedelta(minutes=10)
"""After an event's last edit; then both sides should be the same."""

UPKEEP = timedelta(hours=1)
"""Between two rounds of what costs Livestorm nothing: sweeps of calendars, channels."""


@dataclass
class Month:
    """The month as it is lived.

    Attributes:
        carried: Events whose sides were the same in the end.
        refused: Events that Livestorm had no calls left for.
        calls: What Livestorm was asked, by kind; None until it is over.
    """

    rig: TwoWay
    clock: time_machine.Traveller
    carried: int = 0
    refused: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    _due: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=itertools.count)

    def at(self, moment: datetime, do: Callable[[], None]) -> None:
        """Have something done at an instant."""
        heapq.heappush(self._due, (moment, next(self._order), do))

    def live(self, until: datetime) -> None:
        """Do everything that is due, in order, moving the clock from one to the next."""
        while self._due and self._due[0][0] < until:
            moment, _, do = heapq.heappop(self._due)
            self.clock.move_to(max(moment, datetime.now(UTC)))
            do()


def main(arguments: Sequence[str] | None = None) -> int:
    """Live the month, print, and return 1 when too few events were carried."""
    options = _options(arguments)
    with activated(options.database) as moved:
        moved.rig.program.livestorm.switches.limits_enabled = True
        begun = datetime.now(UTC).replace(microsecond=0)
        month = Month(moved.rig, moved.clock)
        every = MONTH / options.events
        for number in range(options.events):
            _plan_event(month, begun + every * number, number)
        month.at(begun, lambda: _upkeep(month))
        month.at(begun, lambda: _look(month))
        month.live(begun + MONTH)
        month.calls = Counter(kind(call) for call in moved.rig.program.livestorm.log)
    return _report(month, options)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.month", description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--events", type=int, default=OFFERED, help="made in the month")
    return parser.parse_args(arguments)


def _plan_event(month: Month, made: datetime, number: int) -> None:
    """Plan the life of one event; its parts are hours apart, as people's edits are."""
    made = max(made, datetime.now(UTC) + timedelta(minutes=1))
    event: dict[str, str] = {}

    def make() -> None:
        start = made + AHEAD
        event["id"] = calendar_event(
            month.rig.program,
            summary=f"Webinar {number}",
            start={"dateTime": start.isoformat(), "timeZone": "Europe/Paris"},
            end={"dateTime": (start + timedelta(hours=1)).isoformat(), "timeZone": "Europe/Paris"},
        )
        room = ask_for_room(month.rig.program, event["id"])
        if "error" in room:
            month.refused += 1
            return
        event["livestorm"] = room["conferenceId"]
        month.rig.program.google.world.attach_conference(CAMILLE, event["id"], room)
        month.rig.settle()

    def edit(change: dict[str, Any]) -> None:
        if "livestorm" in event:
            month.rig.program.google.world.patch_event(CAMILLE, event["id"], change)
            month.rig.settle()
            month.rig.program.livestorm.settle()

    def invite() -> None:
        edit({"attendees": [{"email": f"guest{n}@company{number}.test"} for n in range(GUESTS)]})

    def rename() -> None:
        edit({"summary": f"Webinar {number}, renamed"})

    def move() -> None:
        start = made + AHEAD + timedelta(hours=2)
        edit(
            {
                "start": {"dateTime": start.isoformat(), "timeZone": "Europe/Paris"},
                "end": {
                    "dateTime": (start + timedelta(hours=1)).isoformat(),
                    "timeZone": "Europe/Paris",
                },
            }
        )

    def compare() -> None:
        month.rig.settle()
        if "livestorm" in event and _same(month.rig, event["livestorm"], number):
            month.carried += 1

    # All within the month, also for the last events.
    for minutes, do in ((0, make), (5, invite), (12, rename), (21, move)):
        month.at(made + timedelta(minutes=minutes), do)
    month.at(made + timedelta(minutes=21) + SETTLING, compare)


def _same(rig: TwoWay, livestorm_event: str, number: int) -> bool:
    world = rig.program.livestorm.world
    event = world.events[livestorm_event]
    [session] = [one for one in world.sessions.values() if one.event_id == event.id]
    people = {one.person.email for one in session.registrations.values()}
    invited = {f"guest{n}@company{number}.test" for n in range(GUESTS)}
    return event.title == f"Webinar {number}, renamed" and invited <= people


def _upkeep(month: Month) -> None:
    month.rig.noticing.sweep.calendars()
    month.rig.noticing.sweep.links()
    month.rig.noticing.tidy()
    month.rig.settle()
    month.at(datetime.now(UTC) + UPKEEP, lambda: _upkeep(month))


def _look(month: Month) -> None:
    """Look at the workspace when it is due."""
    for watch in month.rig.noticing.workspaces.take(10):
        month.rig.noticing.workspaces.look(watch)
    month.rig.settle()
    with month.rig.product.engine.connect() as connection:
        due = connection.scalar(sa.select(sa.func.min(workspace_watches.c.next_poll_at)))
    soon = datetime.now(UTC) + timedelta(seconds=5)
    month.at(max(due or soon, soon), lambda: _look(month))


def _report(month: Month, options: argparse.Namespace) -> int:
    # Tokens are no calls of the API.
    used = sum(month.calls.values()) - month.calls["POST /oauth/token"]
    for call, count in month.calls.most_common():
        print(f"  {count:6} × {call}")
    print(
        f"  {used} calls in all, {options.events} events offered, {month.refused} refused for want"
        f" of calls; {used / max(month.carried, 1):.1f} calls for each event carried"
    )
    return report(
        f"a month of one workspace, {GUESTS} guests an event and two edits each, on"
        f" {options.database}",
        [at_least("events that 10,000 Livestorm calls carry", month.carried, REQUIRED)],
    )


if __name__ == "__main__":
    began = time.perf_counter()
    code = main()
    print(f"  took {time.perf_counter() - began:.0f} s")
    sys.exit(code)
