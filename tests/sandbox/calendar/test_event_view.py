"""Calendar API events as the page shows them."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sandbox.calendar.event_view import clean_description, page_event


def shown(*, writable: bool = True, **fields: Any) -> dict[str, Any]:
    resource = {
        "id": "abc",
        "start": {"dateTime": "2026-01-05T22:30:00Z"},
        "end": {"dateTime": "2026-01-06T00:30:00Z"},
        "organizer": {"email": "camille@acme.test"},
        **fields,
    }
    return page_event(
        resource,
        calendar_id="camille@acme.test",
        reader="camille@acme.test",
        zone=ZoneInfo("Europe/Paris"),
        writable=writable,
        recurrence=resource.get("recurrence"),
        logo_url="/logo.svg",
        names={"sam@acme.test": "Sam Taylor"},
    )


def test_times_are_on_the_wall_of_the_pages_zone() -> None:
    event = shown()

    assert (event["start"], event["end"]) == ("2026-01-05T23:30", "2026-01-06T01:30")


def test_an_add_on_conference_has_its_join_address() -> None:
    data = {
        "conferenceId": "lv",
        "conferenceSolution": {"key": {"type": "addOn"}, "name": "Livestorm"},
        "entryPoints": [
            {"entryPointType": "more", "uri": "https://more.test"},
            {"entryPointType": "video", "uri": "https://room.test"},
        ],
    }

    assert shown(conferenceData=data)["conference"] == {
        "kind": "addOn",
        "name": "Livestorm",
        "icon": "/logo.svg",
        "uri": "https://room.test",
        "id": "lv",
    }


def test_a_conference_still_being_made_is_none_yet() -> None:
    assert shown(conferenceData={"createRequest": {"requestId": "1"}})["conference"] is None


@pytest.mark.parametrize(
    ("lines", "repeat"),
    [
        (None, "none"),
        (["RRULE:FREQ=WEEKLY"], "weekly"),
        (["RRULE:FREQ=WEEKLY;COUNT=3"], "other"),
        (["RRULE:FREQ=DAILY", "EXDATE:20260101"], "other"),
    ],
)
def test_only_rules_the_editor_knows_are_named(lines: list[str] | None, repeat: str) -> None:
    assert shown(recurrence=lines)["repeat"] == repeat


def test_a_guest_may_not_edit_unless_the_organizer_says_so() -> None:
    other: dict[str, Any] = {"organizer": {"email": "sam@acme.test"}}

    assert not shown(**other)["editable"]
    assert shown(**other, guestsCanModify=True)["editable"]
    assert not shown(writable=False)["editable"]


def test_guests_have_names_and_answers() -> None:
    guests = shown(
        attendees=[
            {"email": "camille@acme.test", "organizer": True, "responseStatus": "accepted"},
            {"email": "Sam@acme.test"},
        ]
    )["guests"]

    assert [(guest["name"], guest["answer"]) for guest in guests] == [
        ("", "accepted"),
        ("Sam Taylor", "needsAction"),
    ]


def test_descriptions_are_cleaned() -> None:
    html = clean_description(
        '<b onclick="x()">Hi</b><script>x()</script><a href="javascript:x">a</a>'
    )

    assert "onclick" not in html
    assert "script" not in html
    assert html.startswith("<b>Hi</b>")


def test_plain_text_keeps_its_lines() -> None:
    assert clean_description("one\ntwo") == "one<br>two"
