"""Both simulators in a process of their own, with the people who call.

`companies()` starts it. In the process, `main` prints one line of JSON (`Companies`) when both
simulators answer, and ends when its standard input does.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import requests

from sandbox.google import SCRIPT_CLIENT_ID, GoogleSimulator
from sandbox.livestorm import LivestormSimulator
from server.manifest import APPS_SCRIPT_SCOPES

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

API_PATHS = ("/calendar/v3/", "/v1/")
"""What takes its time: the two APIs."""

CONTROL_SECONDS = 10
"""For a question to a simulator's control surface, which answers in milliseconds."""


@dataclass(frozen=True)
class Person:
    """Somebody with a Google account, and a Livestorm workspace of their own.

    Attributes:
        email: Address of the Google account and of the team member.
        sub: Google's id of the account.
        identity_token: What the bridge sends as bearer.
        google_token: Access token that comes with the event object.
        livestorm_token: OAuth access token of Livestorm.
        workspace_id: Livestorm's organization id.
        owner_id: Livestorm's id of the team member.
        template_id: A Livestorm event to copy settings from.
        calendar_events: Ids of saved events in their own calendar.
    """

    email: str
    sub: str
    identity_token: str
    google_token: str
    livestorm_token: str
    workspace_id: str
    owner_id: str
    template_id: str
    calendar_events: list[str]


@dataclass(frozen=True)
class Companies:
    """The simulators, which run elsewhere. URLs are origins, without a slash at the end."""

    google: str
    livestorm: str
    people: list[Person]

    def forget_calls(self) -> None:
        """Empty both logs."""
        for origin in (self.google, self.livestorm):
            requests.delete(f"{origin}/_control/log", timeout=CONTROL_SECONDS).raise_for_status()

    def calls(self, origin: str) -> list[str]:
        """Return method and path of the API calls that one of them got since then."""
        answer = requests.get(f"{origin}/_control/log", timeout=CONTROL_SECONDS)
        answer.raise_for_status()
        log: list[dict[str, Any]] = answer.json()
        return [f"{call['method']} {call['path']}" for call in log]


@contextmanager
def companies(*, people: int, events_each: int, seconds: float = 0.0) -> Iterator[Companies]:
    """Run both simulators until the block ends.

    Args:
        people: How many people there are.
        events_each: How many saved events each has in their calendar.
        seconds: What every API call takes.
    """
    command = [sys.executable, "-m", "bench.companies", *map(str, (people, events_each, seconds))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            line = process.stdout.readline() if process.stdout else b""
            said = json.loads(line)
            yield Companies(
                said["google"], said["livestorm"], [Person(**one) for one in said["people"]]
            )
        finally:
            if process.stdin:
                process.stdin.close()
            process.wait(CONTROL_SECONDS)


class Taking:
    """WSGI layer that lets every API call take the same time, from its arrival to its answer.

    A simulator's own latency comes on top of what the simulator computes, and both simulators
    compute on the two cores that are measured. The companies do so elsewhere, within their time.
    """

    def __init__(self, app: "WSGIApplication", seconds: float) -> None:
        """Answer for `app`."""
        self._app = app
        self._seconds = seconds

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request."""
        arrived = time.monotonic()
        answer = self._app(environ, start_response)
        if environ["PATH_INFO"].startswith(API_PATHS):
            time.sleep(max(arrived + self._seconds - time.monotonic(), 0))
        return answer


def main(people: int, events_each: int, seconds: float) -> None:
    """Serve both simulators until standard input ends."""
    google, livestorm = GoogleSimulator(), LivestormSimulator(empty=True)
    for app in (google.app, livestorm.app):
        app.wsgi_app = Taking(app.wsgi_app, seconds)  # type: ignore[method-assign]
    with google.serve(), livestorm.serve():
        callers = [_person(google, livestorm, number, events_each) for number in range(people)]
        ready = Companies(google.url, livestorm.url, callers)
        sys.stdout.write(json.dumps(asdict(ready)) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


def _person(
    google: GoogleSimulator, livestorm: LivestormSimulator, number: int, events_each: int
) -> Person:
    email = f"person{number}@company{number}.test"
    account = google.world.add_account(email, f"Person {number}")
    workspace = livestorm.world.add_workspace(f"Company {number}", [(email, "Person", str(number))])
    template = livestorm.world.add_event("Product webinar (template)", workspace=workspace)
    return Person(
        email=email,
        sub=account.sub,
        identity_token=google.identity_token(email, SCRIPT_CLIENT_ID),
        google_token=google.access_token(email, APPS_SCRIPT_SCOPES),
        livestorm_token=livestorm.world.grant(email).access_token,
        workspace_id=workspace.id,
        owner_id=workspace.members[0].person.id,
        template_id=template.id,
        calendar_events=[_event(google, email, event) for event in range(events_each)],
    )


def _event(google: GoogleSimulator, email: str, number: int) -> str:
    made = google.world.insert_event(
        email,
        {
            "summary": f"Launch webinar {number}",
            "description": "All about <b>the launch</b>",
            "start": {"dateTime": "2035-03-14T15:00:00+01:00", "timeZone": "Europe/Paris"},
            "end": {"dateTime": "2035-03-14T16:00:00+01:00", "timeZone": "Europe/Paris"},
            "attendees": [{"email": f"guest{guest}@partner.test"} for guest in range(5)],
        },
    )
    event_id: str = made["id"]
    return event_id


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
