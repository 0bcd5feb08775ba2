"""Single events: reading, writing, ids, etags, times, errors. Guides and reference of events.*."""

from typing import Any

import pytest
from googleapiclient.errors import HttpError

from sandbox.google import TEAM_CALENDAR, GoogleSimulator
from tests.sandbox.google.client import (
    AUTH,
    EVENTS,
    MORNING,
    NOON,
    CalendarClient,
    event,
    google_client,
    reason,
)

PARIS = {"timeZone": "Europe/Paris"}


def test_googles_own_client_works_through_api_endpoint(google: GoogleSimulator) -> None:
    """google-api-python-client: client_options.api_endpoint, insert to delete."""
    with google_client(google) as service:
        events = service.events()
        made = events.insert(calendarId="camille@acme.test", body=event()).execute()  # type: ignore[arg-type]
        patched = events.patch(
            calendarId="primary", eventId=made["id"], body={"summary": "New"}
        ).execute()
        assert (patched["summary"], patched["start"]) == ("New", made["start"])
        events.delete(calendarId="primary", eventId=made["id"]).execute()
        gone = events.get(calendarId="primary", eventId=made["id"]).execute()
        assert gone["status"] == "cancelled"
    assert [call.status for call in google.log] == [200, 200, 204, 200]


def test_googles_client_meets_412_and_304_as_errors(google: GoogleSimulator) -> None:
    """Measured: If-Match reaches the wire; 412 carries conditionNotMet; 304 raises as well."""
    with google_client(google) as service:
        events: Any = service.events()  # the stubs call a request's headers optional
        made = events.insert(calendarId="primary", body=event()).execute()
        request = events.patch(calendarId="primary", eventId=made["id"], body={"summary": "New"})
        request.headers["If-Match"] = '"stale"'
        with pytest.raises(HttpError) as refused:
            request.execute()
        assert refused.value.status_code == 412
        assert "conditionNotMet" in str(refused.value.error_details)
        unchanged = events.get(calendarId="primary", eventId=made["id"])
        unchanged.headers["If-None-Match"] = made["etag"]
        with pytest.raises(HttpError) as same:
            unchanged.execute()
        assert same.value.status_code == 304


def test_a_long_get_arrives_as_a_post_with_an_override(google: GoogleSimulator) -> None:
    """The client sends GETs beyond 2048 characters as POST + x-http-method-override: GET."""
    with google_client(google) as service:
        found = service.events().list(calendarId="primary", q="x" * 2100).execute()
    assert found["items"] == []
    assert (google.log[-1].method, len(google.log[-1].query["q"])) == ("GET", 2100)


def test_a_new_event_has_what_google_gives_it(camille: CalendarClient) -> None:
    """Discovery document, Event: server-made fields."""
    made = camille.inserted(event())
    assert made["kind"] == "calendar#event"
    assert made["iCalUID"] == f"{made['id']}@google.com"
    assert made["organizer"]["self"] is True
    assert made["creator"]["email"] == "camille@acme.test"
    assert (made["status"], made["sequence"], made["eventType"]) == ("confirmed", 0, "default")
    assert made["etag"].startswith('"')
    assert made["created"].endswith("Z")


def test_every_write_makes_a_new_etag_and_time_changes_raise_sequence(
    camille: CalendarClient,
) -> None:
    """Guide version-resources; sequence as per iCalendar."""
    made = camille.inserted(event())
    titled = camille.patch(made["id"], {"summary": "New"}).json()
    moved = camille.patch(
        made["id"], {"end": {**NOON, "dateTime": "2026-12-07T11:00:00+01:00"}}
    ).json()
    assert len({made["etag"], titled["etag"], moved["etag"]}) == 3
    assert (titled["sequence"], moved["sequence"]) == (0, 1)


def test_if_match_guards_patch_update_and_delete(camille: CalendarClient) -> None:
    """Guide version-resources: 412 when stale, success when current, * for any."""
    made = camille.inserted(event())
    stale, fresh = {"If-Match": '"1"'}, {"If-Match": made["etag"]}
    assert reason(camille.patch(made["id"], {}, headers=stale)) == (412, "conditionNotMet")
    assert reason(camille.delete(made["id"], headers=stale)) == (412, "conditionNotMet")
    assert camille.patch(made["id"], {"summary": "A"}, headers=fresh).status_code == 200
    assert camille.patch(made["id"], {"summary": "B"}, headers=fresh).status_code == 412
    assert camille.delete(made["id"], headers={"If-Match": "*"}).status_code == 204


def test_if_none_match_answers_304_without_a_body(camille: CalendarClient) -> None:
    """Guide version-resources."""
    made = camille.inserted(event())
    path = camille.path(made["id"])
    answer = camille.call("GET", path, headers={"If-None-Match": made["etag"]})
    assert (answer.status_code, answer.content) == (304, b"")
    camille.patch(made["id"], {"summary": "New"})
    answer = camille.call("GET", path, headers={"If-None-Match": made["etag"]})
    assert answer.json()["summary"] == "New"


def test_a_client_id_is_kept_and_never_given_twice(camille: CalendarClient) -> None:
    """Guide errors: 409 duplicate, also for the id of a deleted event."""
    body = event(id="livestorm0123456789")
    assert camille.inserted(body)["id"] == "livestorm0123456789"
    assert reason(camille.insert(body)) == (409, "duplicate")
    camille.delete("livestorm0123456789")
    assert reason(camille.insert(body)) == (409, "duplicate")


@pytest.mark.parametrize("bad", ["abcd", "UPPERCASE", "with-dash", "wxyz0", "a" * 1025])
def test_a_client_id_must_be_base32hex(camille: CalendarClient, bad: str) -> None:
    """Discovery document, Event.id: a-v and 0-9, 5 to 1024 characters."""
    assert reason(camille.insert(event(id=bad))) == (400, "invalid")


def test_id_and_ical_uid_exclude_each_other(camille: CalendarClient) -> None:
    """Discovery document, Event.id."""
    assert camille.insert(event(id="abcde", iCalUID="x@y")).status_code == 400
    assert camille.inserted(event(iCalUID="x@y"))["iCalUID"] == "x@y"


def test_put_drops_what_it_does_not_name_and_patch_keeps_it(camille: CalendarClient) -> None:
    """Reference events.update and events.patch."""
    full = event(description="<b>Hi</b>", location="Room", guestsCanModify=True, colorId="3")
    made = camille.inserted(full)
    patched = camille.patch(made["id"], {"location": None}).json()
    assert (patched["description"], "location" in patched) == ("<b>Hi</b>", False)
    put = camille.update(made["id"], event()).json()
    assert not {"description", "guestsCanModify", "colorId"} & set(put)
    assert (put["id"], put["iCalUID"], put["created"]) == (
        made["id"],
        made["iCalUID"],
        made["created"],
    )


def test_delete_leaves_a_readable_event_and_a_second_delete_410(
    google: GoogleSimulator, camille: CalendarClient
) -> None:
    """Guide errors: 410 deleted (also seen: 403); events.get always returns cancelled events."""
    made = camille.inserted(event())
    assert camille.delete(made["id"]).status_code == 204
    assert camille.get(made["id"]).json()["status"] == "cancelled"
    answer = camille.delete(made["id"])
    assert reason(answer) == (410, "deleted")
    assert answer.json()["error"]["errors"][0]["domain"] == "global"
    google.switches.delete_deleted_status = "403"
    assert camille.delete(made["id"]).status_code == 403


def test_a_deleted_event_can_come_back(camille: CalendarClient) -> None:
    """Observed: undelete is status back to confirmed."""
    made = camille.inserted(event())
    camille.delete(made["id"])
    assert camille.patch(made["id"], {"status": "confirmed"}).json()["summary"] == "Webinar"
    assert [item["id"] for item in camille.items()] == [made["id"]]


def test_times_come_in_the_calendars_zone_unless_another_is_asked(camille: CalendarClient) -> None:
    """Concept events-calendars: the instant stays, the zone's name is the event's own."""
    tokyo = {
        "start": {"dateTime": "2026-12-07T17:00:00+09:00", "timeZone": "Asia/Tokyo"},
        "end": {"dateTime": "2026-12-07T18:00:00", "timeZone": "Asia/Tokyo"},
    }
    made = camille.inserted(event(**tokyo))
    assert made["start"] == {"dateTime": "2026-12-07T09:00:00+01:00", "timeZone": "Asia/Tokyo"}
    assert made["end"]["dateTime"] == "2026-12-07T10:00:00+01:00"
    asked = camille.get(made["id"], timeZone="UTC").json()
    assert asked["start"]["dateTime"] == "2026-12-07T08:00:00Z"


def test_all_day_events_have_an_exclusive_end_and_can_become_timed(camille: CalendarClient) -> None:
    """Concept events-calendars; a PATCH that switches kinds must null the other key."""
    made = camille.inserted(event(start={"date": "2026-12-07"}, end={"date": "2026-12-08"}))
    assert made["start"] == {"date": "2026-12-07"}
    timed = {"start": {"date": None, **MORNING}, "end": {"date": None, **NOON}}
    assert camille.patch(made["id"], timed).json()["start"] == MORNING
    both = {"start": {"date": "2026-12-07"}, "end": {"date": "2026-12-08"}}
    assert camille.patch(made["id"], both).status_code == 400


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"end": None}, (400, "required")),
        ({"start": {"dateTime": "2026-12-07T09:00:00"}}, (400, "required")),
        ({"start": {"date": "2026-12-07"}}, (400, "invalid")),
        ({"end": {**MORNING, "dateTime": "2026-12-07T08:00:00+01:00"}}, (400, "timeRangeEmpty")),
        ({"start": {"date": "2026-12-07"}, "end": {"date": "2026-12-07"}}, (400, "timeRangeEmpty")),
        ({"start": {**MORNING, "timeZone": "Romance Standard Time"}}, (400, "invalid")),
        ({"recurrence": ["RRULE:FREQ=DAILY;COUNT=2;UNTIL=20270101"]}, (400, "invalid")),
        ({"recurrence": ["DTSTART:20261207T090000Z"]}, (400, "invalid")),
        (
            {
                "start": {"dateTime": "2026-12-07T09:00:00+01:00"},
                "recurrence": ["RRULE:FREQ=DAILY"],
            },
            (400, "required"),
        ),
        ({"attendees": [{"email": "nobody"}]}, (400, "invalid")),
        ({"eventType": "fromGmail"}, (400, "invalid")),
        ({"summary": 5}, (400, "invalid")),
    ],
)
def test_bad_bodies_are_refused(
    camille: CalendarClient, body: dict[str, Any], expected: tuple[int, str]
) -> None:
    """Discovery document and concept events-calendars: what an event must have."""
    assert reason(camille.insert({**event(), **body})) == expected
    assert camille.items() == []


def test_an_event_may_have_no_length_and_no_title(camille: CalendarClient) -> None:
    """Observed: zero-length events and events without summary exist."""
    made = camille.inserted({"start": MORNING, "end": MORNING})
    assert made["start"] == made["end"]
    assert "summary" not in made


def test_the_event_type_is_immutable(camille: CalendarClient) -> None:
    """Discovery document, Event.eventType."""
    made = camille.inserted(event(eventType="focusTime"))
    assert camille.patch(made["id"], {"eventType": "default"}).status_code == 400


def test_a_sequence_sent_by_the_client(google: GoogleSimulator, camille: CalendarClient) -> None:
    """Not documented: ignored, or refused when it is lower than the stored one."""
    made = camille.inserted(event())
    camille.patch(made["id"], {"end": {**NOON, "dateTime": "2026-12-07T11:00:00+01:00"}})
    assert camille.patch(made["id"], {"sequence": 0}).json()["sequence"] == 1
    google.switches.client_sequence = "reject_lower"
    assert camille.patch(made["id"], {"sequence": 0}).status_code == 400


def test_a_write_that_changes_nothing(google: GoogleSimulator, camille: CalendarClient) -> None:
    """Not documented whether the etag moves; a client must stand both."""
    made = camille.inserted(event())
    assert camille.patch(made["id"], {"summary": "Webinar"}).json()["etag"] != made["etag"]
    google.switches.noop_write_changes_etag = False
    now = camille.get(made["id"]).json()["etag"]
    assert camille.patch(made["id"], {"summary": "Webinar"}).json()["etag"] == now


def test_unknown_things_and_unreadable_bodies(camille: CalendarClient) -> None:
    """Guide errors: 404 notFound for what is not there or not visible, parse errors."""
    assert reason(camille.get("nothing1")) == (404, "notFound")
    assert reason(camille.page(calendar="sam@acme.test")) == (404, "notFound")
    answer = camille.call(
        "POST", camille.path(), data="{", headers={"Content-Type": "application/json"}
    )
    assert reason(answer) == (400, "parseError")


def test_without_a_good_token_the_answer_is_401(google: GoogleSimulator) -> None:
    """Guide errors: 401 authError."""
    with CalendarClient(google, "camille@acme.test") as client:
        client.session.headers["Authorization"] = "Bearer ya29.forged"
        assert reason(client.page()) == (401, "authError")
        del client.session.headers["Authorization"]
        assert reason(client.page()) == (401, "authError")


@pytest.mark.parametrize(
    ("scopes", "readable", "writable", "calendars"),
    [
        (["calendar"], 200, 200, 200),
        (["calendar.events"], 200, 200, 403),
        (["calendar.events.readonly"], 200, 403, 403),
        (["calendar.readonly"], 200, 403, 200),
        (["calendar.calendarlist.readonly"], 403, 403, 200),
        (["calendar.addons.execute", "calendar.addons.current.event.write"], 403, 403, 403),
    ],
)
def test_scopes_open_what_the_discovery_document_says(
    google: GoogleSimulator, scopes: list[str], readable: int, writable: int, calendars: int
) -> None:
    """Discovery document: scopes per method; add-on scopes open none of them."""
    full = [AUTH + scope for scope in scopes]
    with CalendarClient(google, "camille@acme.test", full) as client:
        assert client.page().status_code == readable
        assert client.insert(event()).status_code == writable
        assert client.call("GET", "/users/me/calendarList").status_code == calendars


def test_the_calendar_list_says_what_one_may_do(sam: CalendarClient) -> None:
    """Reference calendarList: primary, access role, zone; encoded ids."""
    found = {
        entry["id"]: entry for entry in sam.call("GET", "/users/me/calendarList").json()["items"]
    }
    assert found["sam@acme.test"]["primary"] is True
    assert found[TEAM_CALENDAR]["accessRole"] == "writer"
    assert "camille@acme.test" not in found
    one = sam.call("GET", "/users/me/calendarList/sam%40acme.test").json()
    assert (one["timeZone"], one["accessRole"]) == ("Europe/Paris", "owner")


def test_a_reader_may_not_write(google: GoogleSimulator, sam: CalendarClient) -> None:
    """Concept sharing: roles; losing access is 404."""
    google.world.share("camille@acme.test", "sam@acme.test", "reader")
    assert sam.page("camille@acme.test").json()["accessRole"] == "reader"
    assert reason(sam.insert(event(), "camille@acme.test")) == (403, "requiredAccessLevel")
    google.world.share("camille@acme.test", "sam@acme.test", None)
    assert reason(sam.page("camille@acme.test")) == (404, "notFound")


def test_a_deleted_calendar_answers_404(google: GoogleSimulator, sam: CalendarClient) -> None:
    """Observed by sync projects: 404 on list means deleted or access lost."""
    assert sam.page(TEAM_CALENDAR).status_code == 200
    google.world.delete_calendar(TEAM_CALENDAR)
    assert reason(sam.page(TEAM_CALENDAR)) == (404, "notFound")


def test_fields_select_parts_of_an_answer(camille: CalendarClient) -> None:
    """Guide performance: nested selections, lists element by element."""
    made = camille.inserted(event(attendees=[{"email": "sam@acme.test"}]))
    only = camille.get(made["id"], fields="id,start/dateTime,attendees(email)").json()
    assert only == {
        "id": made["id"],
        "start": {"dateTime": MORNING["dateTime"]},
        "attendees": [{"email": "sam@acme.test"}],
    }
    listed = camille.page(fields="nextSyncToken,items(id,etag)").json()
    assert set(listed) == {"nextSyncToken", "items"}
    assert reason(camille.page(fields="items(id")) == (400, "invalidParameter")


def test_moving_changes_the_organizer(google: GoogleSimulator, camille: CalendarClient) -> None:
    """Reference events.move: same id and iCalUID, a bare stub stays behind."""
    made = camille.inserted(event())
    path = camille.path(made["id"]) + "/move"
    moved = camille.call("POST", path, params={"destination": TEAM_CALENDAR}).json()
    assert (moved["id"], moved["organizer"]["email"]) == (made["id"], TEAM_CALENDAR)
    assert moved["iCalUID"] == made["iCalUID"]
    left = camille.get(made["id"]).json()
    assert left["status"] == "cancelled"
    assert "summary" not in left
    again = camille.call("POST", path, params={"destination": TEAM_CALENDAR})
    assert again.status_code == 403
    assert (
        camille.call("POST", camille.path(made["id"], TEAM_CALENDAR) + "/move").status_code == 400
    )


def test_only_default_events_move(camille: CalendarClient) -> None:
    """Discovery document, events.move: default events only, no occurrences."""
    made = camille.inserted(event(eventType="focusTime"))
    path = camille.path(made["id"]) + "/move"
    assert camille.call("POST", path, params={"destination": TEAM_CALENDAR}).status_code == 400


def test_scopes_used_by_the_tests_are_the_programs(google: GoogleSimulator) -> None:
    """A token for the program's own scopes reaches everything it needs."""
    with CalendarClient(google, "camille@acme.test", EVENTS) as client:
        assert client.call("GET", "/calendars/primary").json()["id"] == "camille@acme.test"
