"""Every call to another company leaves one line and one figure, without anybody's ids."""

from collections.abc import Iterator

import pytest
import structlog

from addon import observations
from addon.google.calendar import CalendarApi
from addon.google.consent import SCOPES
from addon.google.failures import GoogleFailure
from addon.livestorm.failures import FailureKind, LivestormFailure
from addon.livestorm.protocol import template
from addon.observations import Observation, RemoteCall
from addon.remote import GOOGLE, LIVESTORM, calling
from sandbox.google import GoogleSimulator

CAMILLE = "camille@acme.test"


@pytest.fixture
def told() -> Iterator[list[Observation]]:
    """What is told while the test runs."""
    heard: list[Observation] = []
    observations.listen(heard.append)
    yield heard
    observations._listeners.remove(heard.append)


def test_an_answer_is_logged_and_told(told: list[Observation]) -> None:
    with (
        structlog.testing.capture_logs() as lines,
        calling(LIVESTORM, "GET", "/events/{id}", workspace="acme") as answer,
    ):
        answer.status = 200
    [line] = lines
    assert line["event"] == "remote_call"
    assert (line["vendor"], line["verb"], line["path"]) == ("livestorm", "GET", "/events/{id}")
    assert (line["status"], line["outcome"], line["workspace"]) == (200, "ok", "acme")
    assert isinstance(line["milliseconds"], int)
    [call] = told
    assert isinstance(call, RemoteCall)
    assert (call.vendor, call.path, call.outcome) == ("livestorm", "/events/{id}", "ok")


@pytest.mark.parametrize(
    ("error", "outcome", "status"),
    [
        (LivestormFailure(FailureKind.INVALID, status=422), "invalid", 422),
        (LivestormFailure(FailureKind.UNAVAILABLE), "unavailable", None),
        # A defect of ours is told apart from whatever the other side may do.
        (KeyError("camille@acme.test"), "broken", None),
    ],
)
def test_a_failure_is_told_and_goes_on(
    told: list[Observation], error: Exception, outcome: str, status: int | None
) -> None:
    with (
        structlog.testing.capture_logs() as lines,
        pytest.raises(type(error)),
        calling(LIVESTORM, "POST", "/events"),
    ):
        raise error
    assert (lines[0]["outcome"], lines[0]["status"]) == (outcome, status)
    assert "camille" not in repr(lines)
    assert isinstance(told[0], RemoteCall)
    assert told[0].outcome == outcome


def test_calendar_calls_name_nobody(google: GoogleSimulator, told: list[Observation]) -> None:
    api = CalendarApi(f"{google.url}/calendar/v3/", timeout_seconds=5)
    token = google.access_token(CAMILLE, SCOPES)
    with structlog.testing.capture_logs() as lines:
        api.changes(token, CAMILLE, sync_token=None)
        with pytest.raises(GoogleFailure):
            api.synced_event(token, CAMILLE, "nothing")
    assert [(one["path"], one["status"], one["outcome"]) for one in lines] == [
        ("/calendars/{calendar}/events", 200, "ok"),
        ("/calendars/{calendar}/events/{event}", 404, "not_found"),
    ]
    assert {one.vendor for one in told if isinstance(one, RemoteCall)} == {GOOGLE}
    assert "acme" not in repr(lines) + repr(told)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/ping", "/ping"),
        ("/events/2c4e1a9e/sessions", "/events/{id}/sessions"),
        ("/sessions/1/people/bulk", "/sessions/{id}/people/bulk"),
        ("/jobs/7/tasks", "/jobs/{id}/tasks"),
    ],
)
def test_paths_are_shown_without_ids(path: str, shown: str) -> None:
    assert template(path) == shown


def test_who_listens_twice_is_told_once(told: list[Observation]) -> None:
    observations.listen(told.append)
    observations.tell(observations.ConferenceAsked("created"))
    assert told == [observations.ConferenceAsked("created")]
