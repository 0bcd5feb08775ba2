"""Measure /addon/home against a bare Flask view: `python -m bench.home`.

Both answer the same JSON under the same gunicorn settings, and are asked by turns, so that
whatever else the machine does hits both.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.bare import BYTES_PATH, JSON_PATH, bare
from bench.companies import Person, companies
from bench.exchange import at_once, callers, flood, post
from bench.program import Served, event_object, processor_seconds, served
from server.gunicorn import THREADS, WORKERS

HOME_PATH = "/addon/home"

REQUIRED_RATIO = 0.5
"""At least half as many requests a second as the bare view."""

PEOPLE = 10

CONNECTIONS = WORKERS * THREADS
"""As many as there are request threads."""

WARM_UP_SECONDS = 2.0
"""Until every thread has its database connection and has verified everybody's token."""


@dataclass(frozen=True)
class Contender:
    """Something that is measured: a server and a path on it."""

    name: str
    server: Served
    path: str


@dataclass(frozen=True)
class Turn:
    """One turn of a contender.

    Attributes:
        rate: Answers a second.
        milliseconds: Processor time of the server's processes for each answer.
        own_share: Processor time that asking took, as a part of one core.
    """

    rate: float
    milliseconds: float
    own_share: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return 1 when the ratio is below what is required."""
    options = _options(arguments)
    with ExitStack() as stack:
        both = stack.enter_context(companies(people=PEOPLE, events_each=0))
        program = stack.enter_context(served(both, database=options.database))
        body = _panel(program, both.people[0])
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        reference = stack.enter_context(bare(body, Path(folder)))
        contenders = [
            Contender(HOME_PATH, program, HOME_PATH),
            Contender("bare view", reference, JSON_PATH),
            Contender("ready-made bytes", reference, BYTES_PATH),
        ]
        for contender in contenders:
            _turn(contender, both.people, WARM_UP_SECONDS)
        rounds = [
            [_turn(contender, both.people, options.seconds) for contender in contenders]
            for _ in range(options.rounds)
        ]
    print(
        f"{HOME_PATH} on {options.database}: {len(body)} bytes, {WORKERS} workers ×"
        f" {THREADS} threads, {CONNECTIONS} connections"
    )
    return _report(contenders, rounds)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.home", description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each turn in a round")
    return parser.parse_args(arguments)


def _panel(program: Served, person: Person) -> bytes:
    """Return the template panel, which is what everybody is answered here."""
    request = post(program.url, HOME_PATH, event_object(person), person.identity_token)
    with callers(program.url, 1) as asking:
        [answer] = at_once(asking, [request])
    if answer.status != 200 or b"Product webinar (template)" not in answer.body:
        raise SystemExit(f"not the template panel: {answer.status} {answer.body!r}")
    return answer.body


def _turn(contender: Contender, people: Sequence[Person], seconds: float) -> Turn:
    server = contender.server
    requests = [
        post(server.url, contender.path, event_object(person), person.identity_token)
        for person in (people[number % len(people)] for number in range(CONNECTIONS))
    ]
    spent = processor_seconds(server.pid)
    with callers(server.url, CONNECTIONS) as asking:
        outcome = flood(asking, requests, seconds)
    spent = processor_seconds(server.pid) - spent
    if outcome.refused:
        raise SystemExit(f"{outcome.refused} answers were not 200")
    return Turn(
        outcome.rate, spent / outcome.answered * 1000, outcome.own_seconds / outcome.seconds
    )


def _report(contenders: Sequence[Contender], rounds: Sequence[Sequence[Turn]]) -> int:
    """Print medians; a ratio is taken within each round, and of the ratios the median."""
    ratios = []
    for place, contender in enumerate(contenders):
        turns = [turns[place] for turns in rounds]
        ratios.append(statistics.median(turns[0].rate / turns[place].rate for turns in rounds))
        print(
            f"  {contender.name:>16}: {statistics.median(turn.rate for turn in turns):6.0f}"
            f" requests a second,"
            f" {statistics.median(turn.milliseconds for turn in turns):5.2f} ms of a core"
            f" each; asking took {statistics.median(turn.own_share for turn in turns):.0%} of one"
        )
    good = ratios[1] >= REQUIRED_RATIO
    print(
        f"  {ratios[1]:.2f} of the bare view, at least {REQUIRED_RATIO} required:"
        f" {'good' if good else 'TOO SLOW'}; {ratios[2]:.2f} of one with ready-made bytes"
    )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
