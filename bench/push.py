"""Measure how soon Calendar's push messages are acknowledged: `python -m bench.push`.

The program is served as in production. Messages come at a steady rate, each about a calendar that
nobody has rung for yet, so that each one writes; their time counts from when they were due.
"""

import argparse
import math
import statistics
import sys
from collections.abc import Sequence
from urllib.parse import urlsplit

from addon.store.engine import create_engine
from bench.exchange import NO_CONTENT, callers, paced
from bench.figures import Figure, at_most, report
from bench.filling import TOKEN, Watched, fill
from bench.program import processor_seconds, running, scratch, settings_environment

RATE = 200
"""Messages a second."""

REQUIRED_P99_MILLISECONDS = 50.0

SECONDS = 10
FIRST_SECONDS = 2
"""Until every thread has its database connection; not counted."""

CONNECTIONS = 64
"""Twice as many as there are request threads: a sender as large as Google does not wait for one."""

NOWHERE = "http://127.0.0.1:9"
"""Neither company is asked anything here."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return 1 when messages wait for too long."""
    options = _options(arguments)
    first = options.rate * FIRST_SECONDS
    with scratch(options.database) as (url, folder):
        engine = create_engine(url)
        watched = fill(engine, people=first + options.rate * options.seconds, links_each=1)
        engine.dispose()
        environment = settings_environment(NOWHERE, NOWHERE, url)
        with running("serve", environment, folder) as program:
            messages = [_message(program.url, calendar) for calendar in watched]
            with callers(program.url, CONNECTIONS) as asking:
                paced(asking, messages[:first], options.rate)
                spent = processor_seconds(program.pid)
                answers = paced(asking, messages[first:], options.rate)
                spent = processor_seconds(program.pid) - spent
    times = sorted(answer.seconds * 1000 for answer in answers)
    p99 = times[math.ceil(len(times) * 0.99) - 1]
    refused = sum(answer.status != NO_CONTENT for answer in answers)
    print(
        f"  {len(answers)} messages: median {statistics.median(times):.1f} ms, slowest"
        f" {times[-1]:.0f} ms; {spent / len(answers) * 1000:.1f} ms of a core each"
    )
    return report(
        f"messages at {options.rate} a second, on {options.database}",
        [
            at_most("acknowledged, p99", round(p99, 1), REQUIRED_P99_MILLISECONDS, " ms"),
            Figure("refused", str(refused), "none", not refused),
        ],
    )


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.push", description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--rate", type=int, default=RATE, help="messages a second")
    parser.add_argument("--seconds", type=int, default=SECONDS)
    return parser.parse_args(arguments)


def _message(origin: str, watched: Watched) -> bytes:
    head = (
        "POST /hooks/google HTTP/1.1",
        f"Host: {urlsplit(origin).netloc}",
        "Content-Length: 0",
        "User-Agent: APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)",
        f"X-Goog-Channel-ID: {watched.channel_id}",
        f"X-Goog-Channel-Token: {TOKEN}",
        f"X-Goog-Resource-ID: {watched.resource_id}",
        "X-Goog-Resource-State: exists",
        "X-Goog-Message-Number: 7",
    )
    return "\r\n".join((*head, "", "")).encode()


if __name__ == "__main__":
    sys.exit(main())
