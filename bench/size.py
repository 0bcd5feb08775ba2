"""Compare what a change costs with few and with many links in the database: `python -m bench.size`.

A change is one push message, the list it brings about, and the comparison of the one link that it
names. Counted are statements, and the time the database takes for them.
"""

import argparse
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from bench.figures import at_most, report
from bench.filling import LINKS_EACH, fill
from bench.step_by_step import Moved, activated
from tests.server.calls import CAMILLE
from tests.server.two_way import TwoWay, saved_room

FEW, MANY = 100, 100_000

MOST_RATIO = 1.5
"""An index of a thousand times as many rows is a page or two deeper; reading through a table would
take a thousand times as long."""

CHANGES = 40
FIRST = 10
"""Not counted: statements are compiled, pages are read for the first time."""


@dataclass(frozen=True)
class Cost:
    """What one change cost the database.

    Attributes:
        statements: How many.
        milliseconds: How long it took for them. Of each statement the median, so that what else
            the machine does in some moment does not count.
    """

    statements: float
    milliseconds: float


class Watching:
    """Times every statement of every engine of this process."""

    def __init__(self) -> None:
        self._seconds: dict[str, list[float]] = defaultdict(list)

    @contextmanager
    def all(self) -> Iterator[None]:
        """Watch until the block ends."""
        began: dict[int, float] = {}

        def before(_connection: Any, cursor: Any, *_: Any) -> None:
            began[id(cursor)] = time.perf_counter()

        def after(_connection: Any, cursor: Any, statement: str, *_: Any) -> None:
            self._seconds[statement].append(time.perf_counter() - began.pop(id(cursor)))

        sa.event.listen(sa.Engine, "before_cursor_execute", before)
        sa.event.listen(sa.Engine, "after_cursor_execute", after)
        try:
            yield
        finally:
            sa.event.remove(sa.Engine, "before_cursor_execute", before)
            sa.event.remove(sa.Engine, "after_cursor_execute", after)

    def cost(self, changes: int) -> Cost:
        """Return what one of so many changes cost."""
        times = self._seconds.values()
        seconds = sum(statistics.median(taken) * len(taken) for taken in times) / changes
        return Cost(sum(map(len, times)) / changes, seconds * 1000)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return 1 when many links make a change dearer."""
    options = _options(arguments)
    with activated(options.database) as moved:
        event_id, _ = saved_room(moved.rig)
        moved.rig.settle()
        link_id = moved.rig.link().id
        fill(moved.rig.product.engine, people=1, links_each=FEW - 1)
        few = _changes(moved, event_id, link_id)
        people = options.links // LINKS_EACH
        fill(moved.rig.product.engine, people=people, links_each=LINKS_EACH)
        many = _changes(moved, event_id, link_id)
    for links, cost in ((FEW, few), (FEW + people * LINKS_EACH, many)):
        print(
            f"  {links:7} links: {cost.statements:g} statements a change,"
            f" {cost.milliseconds:.2f} ms in the database"
        )
    return report(
        f"a change with {FEW} and with {options.links} links, on {options.database}",
        [
            at_most("statements, ratio", many.statements / few.statements, 1),
            at_most("time, ratio", round(many.milliseconds / few.milliseconds, 2), MOST_RATIO),
        ],
    )


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.size", description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--links", type=int, default=MANY)
    return parser.parse_args(arguments)


def _changes(moved: Moved, event_id: str, link_id: str) -> Cost:
    """Edit the one event again and again, so slowly that no call waits for its turn."""
    rig = moved.rig
    watching = Watching()
    for number in range(FIRST + CHANGES):
        moved.clock.shift(2)
        rig.program.google.world.patch_event(CAMILLE, event_id, {"summary": f"Edit {number}"})
        with watching.all() if number >= FIRST else nullcontext():
            _carry(rig, link_id)
    return watching.cost(CHANGES)


def _carry(rig: TwoWay, link_id: str) -> None:
    """Take one push message, list the calendar, compare the link."""
    rig.program.google.deliver_notifications()
    for calendar in rig.noticing.calendars.take(10):
        rig.noticing.calendars.look(calendar)
    with rig.product.engine.begin() as transaction:
        claim = rig.product.wakes.claim(transaction, link_id)
    if claim is None:
        raise SystemExit("the list woke nobody")
    rig.product.job.run(claim)


if __name__ == "__main__":
    sys.exit(main())
