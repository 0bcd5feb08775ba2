"""What the tests of the server do again and again: connect somebody, ask for a room."""

from typing import Any

import requests

from tests.support.program import Program

CAMILLE = "camille@acme.test"
SAM = "sam@acme.test"


def conference_of(answer: requests.Response) -> dict[str, Any]:
    """Return the conference data of an answer of /addon/conference."""
    assert answer.status_code == 200, answer.text
    action = answer.json()["hostAppAction"]["calendarAction"]
    data: dict[str, Any] = action["createConferenceDataActionMarkup"]["createConferenceData"]
    return data


def ask_for_room(
    program: Program,
    event_id: str,
    *,
    account: str = CAMILLE,
    calendar_id: str | None = None,
    locale: str = "en",
) -> dict[str, Any]:
    """Pick Livestorm for an event, as Calendar does when somebody chooses it."""
    event = {"calendar": {"calendarId": calendar_id or account, "id": event_id}}
    answer = conference_of(
        program.addon("/addon/conference", account=account, event=event, locale=locale)
    )
    if program.product is not None:
        program.product.afterwards.finish()
    return answer


def authentication_url(conference: dict[str, Any]) -> str:
    """Return where Calendar sends somebody who has to sign in."""
    assert conference["error"]["type"] == "AUTHENTICATION"
    url: str = conference["error"]["authenticationUrl"]
    return url


def sign_in_to_livestorm(program: Program, url: str, *, member: str = CAMILLE) -> requests.Response:
    """Follow a sign-in link through Livestorm's consent page; return the last page."""
    consent = program.http.get(url)
    assert consent.status_code == 200, consent.text
    assert consent.url.startswith(f"{program.livestorm.url}/oauth/authorize")
    return program.http.post(consent.url, data={"email": member, "decision": "authorize"})


def connect(program: Program, *, account: str = CAMILLE, member: str | None = None) -> None:
    """Connect a Google account to Livestorm the way a person does."""
    url = authentication_url(ask_for_room(program, "connecting", account=account))
    page = sign_in_to_livestorm(program, url, member=member or account)
    assert page.status_code == 200, page.text
    assert "Livestorm is connected" in page.text


def calendar_event(program: Program, *, account: str = CAMILLE, **values: Any) -> str:
    """Save an event in somebody's own calendar; return its id."""
    body = {
        "summary": "Launch webinar",
        "description": "All about <b>the launch</b>",
        "start": {"dateTime": "2027-03-10T15:00:00+01:00", "timeZone": "Europe/Paris"},
        "end": {"dateTime": "2027-03-10T16:00:00+01:00", "timeZone": "Europe/Paris"},
        **values,
    }
    event_id: str = program.google.world.insert_event(account, body)["id"]
    return event_id
