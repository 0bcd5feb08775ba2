"""Measure /addon/home against a bare Flask view: `python -m bench.home`.

Both answer the same bytes under the same gunicorn settings, and are asked by turns, so that
whatever else the machine does hits both.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.bare import bare
from bench.companies import Person, companies
from bench.exchange import at_once, callers, flood, post
from bench.program import Served, event_object, processor_seconds, served
from server.gunicorn import THREADS, WORKERS

REQUIRED_RATIO = 0.5
"""At least half as many requests a second as the bare view."""

PEOPLE = 10

CONNECTIONS = WORKERS * THREADS
"""Every request thread is busy, and none of the requests waits for one."""

WARM_UP_SECONDS = 2.0
"""Until every thread has its database connection and has verified everybody's token."""


@dataclass(frozen=True)
class Round:
    """One turn of one server: answers a second, and what each cost the server's processes."""

    rate: float
    processor_milliseconds: float
    own_share: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return 1 when the ratio is below what is required."""
    options = _options(arguments)
    with companies(people=PEOPLE, events_each=0) as both, tempfile.TemporaryDirectory() as folder:
        with served(both, database=options.database) as program:
            body = _panel(program, both.people[0])
            with bare(body, Path(folder)) as reference:
                for server in (program, reference):
                    _round(server, both.people, WARM_UP_SECONDS)
                rounds = [
                    (
                        _round(program, both.people, options.seconds),
                        _round(reference, both.people, options.seconds),
                    )
                    for _ in range(options.rounds)
                ]
    return _report(rounds, len(body), options.database)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.home", description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each turn in a round")
    return parser.parse_args(arguments)


def _panel(program: Served, person: Person) -> bytes:
    """Return the template panel, which is what everybody is answered here."""
    with callers(program.url, 1) as asking:
        [answer] = at_once(asking, [_request(program, person)])
    if answer.status != 200 or b"Product webinar (template)" not in answer.body:
        raise SystemExit(f"not the template panel: {answer.status} {answer.body!r}")
    return answer.body


def _request(server: Served, person: Person) -> bytes:
    return post(server.url, "/addon/home", event_object(person), person.identity_token)


def _round(server: Served, people: Sequence[Person], seconds: float) -> Round:
    requests = [_request(server, people[n % len(people)]) for n in range(CONNECTIONS)]
    spent = processor_seconds(server.pid)
    with callers(server.url, CONNECTIONS) as asking:
        outcome = flood(asking, requests, seconds)
    spent = processor_seconds(server.pid) - spent
    if outcome.refused:
        raise SystemExit(f"{outcome.refused} answers were not 200")
    return Round(
        outcome.rate,
        spent / outcome.answered * 1000,
        outcome.own_seconds / outcome.seconds,
    )


def _report(rounds: Sequence[tuple[Round, Round]], body_bytes: int, database: str) -> int:
    print(
        f"/addon/home on {database} against a bare view with the same {body_bytes} bytes; "
        f"{WORKERS} workers × {THREADS} threads, {CONNECTIONS} connections"
    )
    print("  round   /addon/home   bare view   ratio   processor ms a request   asking")
    for number, (ours, theirs) in enumerate(rounds, start=1):
        print(
            f"  {number:5}   {ours.rate:9.0f}/s   {theirs.rate:7.0f}/s"
            f"   {ours.rate / theirs.rate:5.2f}"
            f"   {ours.processor_milliseconds:8.2f} and {theirs.processor_milliseconds:5.2f}"
            f"        {ours.own_share:4.0%} and {theirs.own_share:4.0%} of a core"
        )
    ratio = statistics.median(ours.rate / theirs.rate for ours, theirs in rounds)
    good = ratio >= REQUIRED_RATIO
    print(
        f"  median ratio {ratio:.2f}, at least {REQUIRED_RATIO} required: "
        f"{'good' if good else 'TOO SLOW'}"
    )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
