"""Measure /addon/conference when both companies take their time: `python -m bench.conference`.

Ten people in ten Livestorm workspaces pick Livestorm in the same moment, again and again, each
time for another event of theirs. Google and Livestorm take 200 ms for every call, and Livestorm
cannot be asked before Google has answered: 400 ms is the least there is.
"""

import argparse
import json
import math
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence

from bench.companies import Companies, Person, companies
from bench.exchange import Answer, at_once, callers, post
from bench.program import Served, event_object, processor_seconds, served

LATENCY_SECONDS = 0.2

FLOOR_MILLISECONDS = 400.0

REQUIRED_P95_MILLISECONDS = 460.0

AT_ONCE = 10

PAUSE_SECONDS = 0.3
"""Between two bursts: people do not click in step with the answers of others."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return 1 when the 95th percentile is above what is required."""
    options = _options(arguments)
    bursts = options.first + options.bursts
    with (
        companies(people=AT_ONCE, events_each=bursts, seconds=LATENCY_SECONDS) as both,
        served(both, database=options.database) as program,
    ):
        first = _bursts(program, both.people, range(options.first))
        both.forget_calls()
        spent = processor_seconds(program.pid)
        answers = _bursts(program, both.people, range(options.first, bursts))
        spent = processor_seconds(program.pid) - spent
        calls = _calls(both)
    print(
        f"/addon/conference on {options.database}, {AT_ONCE} at a time, both companies taking"
        f" {LATENCY_SECONDS * 1000:.0f} ms: {len(answers)} calls"
    )
    _print("at first", first)
    _print("then", answers)
    print(f"  {spent / len(answers) * 1000:.1f} ms of processor time a call")
    return _verdict(answers, calls)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.conference", description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument(
        "--first", type=int, default=2, help="bursts after the start that are shown apart"
    )
    parser.add_argument("--bursts", type=int, default=20)
    return parser.parse_args(arguments)


def _bursts(program: Served, people: Sequence[Person], events: range) -> list[Answer]:
    """Have everybody ask for a room for each of these events of theirs."""
    answers: list[Answer] = []
    with callers(program.url, len(people)) as asking:
        for number in events:
            time.sleep(PAUSE_SECONDS)
            requests = [_request(program, person, number) for person in people]
            answers += at_once(asking, requests)
    for answer in answers:
        _require_room(answer)
    return answers


def _request(program: Served, person: Person, number: int) -> bytes:
    event = {"calendarId": person.email, "id": person.calendar_events[number]}
    return post(
        program.url, "/addon/conference", event_object(person, event), person.identity_token
    )


def _require_room(answer: Answer) -> None:
    action = json.loads(answer.body)["hostAppAction"]["calendarAction"]
    data = action["createConferenceDataActionMarkup"]["createConferenceData"]
    if "entryPoints" not in data:
        raise SystemExit(f"no room: {data}")


def _calls(both: Companies) -> Counter[str]:
    """Count what the companies were asked, the id of a Calendar event left out."""
    google = (call.rpartition("/events/")[0] or call for call in both.calls(both.google))
    return Counter(f"Google {call.partition('person')[0]}" for call in google) + Counter(
        f"Livestorm {call}" for call in both.calls(both.livestorm)
    )


def _print(label: str, answers: Sequence[Answer]) -> None:
    if not answers:
        return
    times = sorted(answer.seconds * 1000 for answer in answers)
    print(
        f"  {label:>8}: fastest {times[0]:.0f} ms, median {statistics.median(times):.0f} ms,"
        f" p95 {_p95(times):.0f} ms, slowest {times[-1]:.0f} ms"
    )


def _p95(times: Sequence[float]) -> float:
    return times[math.ceil(len(times) * 0.95) - 1]


def _verdict(answers: Sequence[Answer], calls: Counter[str]) -> int:
    times = sorted(answer.seconds * 1000 for answer in answers)
    once_each = sorted(calls.values()) == [len(answers)] * 2
    for call, count in calls.items():
        print(f"  {count / len(answers):g} × {call}")
    good = once_each and times[0] >= FLOOR_MILLISECONDS and _p95(times) < REQUIRED_P95_MILLISECONDS
    print(
        f"  p95 {_p95(times):.0f} ms, less than {REQUIRED_P95_MILLISECONDS:.0f} ms required, and"
        f" one call to each: {'good' if good else 'NOT REACHED'}"
    )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
