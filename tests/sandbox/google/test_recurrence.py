"""Series, occurrences and exceptions. Guides recurringevents and concept events-calendars."""

from typing import Any

import pytest

from sandbox.google import TEAM_CALENDAR, GoogleSimulator
from sandbox.google.api_errors import ApiError
from tests.sandbox.google.client import (
    MORNING,
    CalendarClient,
    event,
    reason,
    series,
)

SAM = "sam@acme.test"


def occurrences(client: CalendarClient, series_id: str, **query: Any) -> list[dict[str, Any]]:
    """The items of events.instances."""
    answer = client.call("GET", client.path(series_id) + "/instances", params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def starts(items: list[dict[str, Any]]) -> list[str]:
    """Where the items start."""
    return [item["start"].get("dateTime") or item["start"]["date"] for item in items]


def test_an_occurrence_names_its_series_and_its_original_start(camille: CalendarClient) -> None:
    """Ids are <series>_<UTC start>; the iCalUID is the series'."""
    made = camille.inserted(series())
    found = occurrences(camille, made["id"])
    assert len(found) == 4
    second = found[1]
    assert second["id"] == f"{made['id']}_20261214T080000Z"
    assert second["recurringEventId"] == made["id"]
    assert second["originalStartTime"] == second["start"]
    assert second["iCalUID"] == made["iCalUID"]
    assert "recurrence" not in second
    assert camille.get(second["id"]).json() == second


def test_wall_time_stays_when_the_clocks_change(camille: CalendarClient) -> None:
    """Weekly 09:00 in Paris across 28 March 2027; the id's UTC part moves by an hour."""
    body = series(
        start={"dateTime": "2027-03-22T09:00:00", "timeZone": "Europe/Paris"},
        end={"dateTime": "2027-03-22T10:00:00", "timeZone": "Europe/Paris"},
    )
    made = camille.inserted(body)
    found = occurrences(camille, made["id"])
    assert starts(found)[:2] == ["2027-03-22T09:00:00+01:00", "2027-03-29T09:00:00+02:00"]
    assert found[1]["id"].endswith("_20270329T070000Z")


def test_all_day_series_count_in_dates(camille: CalendarClient) -> None:
    """Dates for all-day events, ids with a date, exclusive ends."""
    made = camille.inserted(
        event(
            start={"date": "2027-03-27"},
            end={"date": "2027-03-28"},
            recurrence=["RRULE:FREQ=DAILY;UNTIL=20270329"],
        )
    )
    found = occurrences(camille, made["id"])
    assert starts(found) == ["2027-03-27", "2027-03-28", "2027-03-29"]
    assert found[1]["id"] == f"{made['id']}_20270328"
    assert found[1]["end"] == {"date": "2027-03-29"}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["RRULE:FREQ=WEEKLY;UNTIL=20261221T080000Z"], ["07", "14", "21"]),
        (["RRULE:FREQ=WEEKLY;UNTIL=20261221T075959Z"], ["07", "14"]),
        (["RRULE:FREQ=WEEKLY;UNTIL=20261221"], ["07", "14", "21"]),
        (["RRULE:FREQ=WEEKLY;COUNT=3", "EXDATE;TZID=Europe/Paris:20261214T090000"], ["07", "21"]),
        (["RRULE:FREQ=WEEKLY;COUNT=3", "EXDATE:20261214T080000Z"], ["07", "21"]),
        (["RRULE:FREQ=WEEKLY;COUNT=2", "RDATE;TZID=UTC:20261216T080000"], ["07", "14", "16"]),
        (["RDATE;TZID=Europe/London:20261209T080000"], ["07", "09"]),
    ],
)
def test_rules_and_dates(camille: CalendarClient, lines: list[str], expected: list[str]) -> None:
    """RRULE with UNTIL in UTC, EXDATE and RDATE with and without TZID (home-assistant #81700)."""
    made = camille.inserted(event(recurrence=lines))
    assert [start[8:10] for start in starts(occurrences(camille, made["id"]))] == expected


def test_editing_an_occurrence_makes_an_exception(camille: CalendarClient) -> None:
    """The exception is listed beside the series; originalStartTime stays when it is moved."""
    made = camille.inserted(series())
    second = occurrences(camille, made["id"])[1]
    moved = {
        "start": {**MORNING, "dateTime": "2026-12-15T14:00:00+01:00"},
        "end": {**MORNING, "dateTime": "2026-12-15T15:00:00+01:00"},
    }
    exception = camille.patch(second["id"], moved).json()
    assert exception["id"] == second["id"]
    assert exception["originalStartTime"] == second["start"]
    assert {item["id"] for item in camille.items()} == {made["id"], second["id"]}
    again = occurrences(camille, made["id"])
    assert starts(again)[1] == "2026-12-15T14:00:00+01:00"
    assert len(again) == 4
    assert camille.get(made["id"]).json()["start"] == made["start"]


def test_a_cancelled_occurrence_is_a_cancelled_exception(camille: CalendarClient) -> None:
    """Event.status: listed while the series lives, even without showDeleted; three fields sure."""
    made = camille.inserted(series())
    second = occurrences(camille, made["id"])[1]
    assert camille.delete(second["id"]).status_code == 204
    listed = {item["id"]: item for item in camille.items()}[second["id"]]
    assert listed["status"] == "cancelled"
    assert listed["recurringEventId"] == made["id"]
    assert listed["originalStartTime"] == second["start"]
    assert "summary" not in listed
    assert len(occurrences(camille, made["id"])) == 3
    assert len(occurrences(camille, made["id"], showDeleted="true")) == 4
    assert reason(camille.delete(second["id"])) == (410, "deleted")
    assert camille.patch(second["id"], {"status": "confirmed"}).json()["status"] == "confirmed"
    assert len(occurrences(camille, made["id"])) == 4


def test_deleting_the_series_ends_its_exceptions(camille: CalendarClient) -> None:
    """Nothing of it is listed any more."""
    made = camille.inserted(series())
    second = occurrences(camille, made["id"])[1]
    camille.patch(second["id"], {"summary": "Other"})
    camille.delete(made["id"])
    assert camille.items() == []
    statuses = {item["id"]: item["status"] for item in camille.items(showDeleted="true")}
    assert statuses == {made["id"]: "cancelled", second["id"]: "cancelled"}


def test_exceptions_follow_the_series_in_what_they_share(camille: CalendarClient) -> None:
    """A new guest and a new description reach the exception, its own title stays."""
    made = camille.inserted(series(attendees=[{"email": SAM}]))
    second = occurrences(camille, made["id"])[1]
    own = {"summary": "Other", "attendees": [{"email": SAM}, {"email": "once@x.test"}]}
    camille.patch(second["id"], own)
    change = {"description": "New", "attendees": [{"email": SAM}, {"email": "more@x.test"}]}
    camille.patch(made["id"], change)
    exception = camille.get(second["id"]).json()
    assert (exception["summary"], exception["description"]) == ("Other", "New")
    guests = [entry["email"] for entry in exception["attendees"]]
    assert sorted(guests) == ["more@x.test", "once@x.test", SAM]


def test_changing_the_series_time(google: GoogleSimulator, camille: CalendarClient) -> None:
    """Reported: exceptions are dropped; not documented, so a switch keeps them."""
    later = {
        "start": {**MORNING, "dateTime": "2026-12-07T11:00:00+01:00"},
        "end": {**MORNING, "dateTime": "2026-12-07T12:00:00+01:00"},
    }
    for answer, left in (("drop_exceptions", 0), ("keep_exceptions", 1)):
        google.switches.change({"series_time_change": answer})
        made = camille.inserted(series())
        second = occurrences(camille, made["id"])[1]
        camille.patch(second["id"], {"summary": "Other"})
        camille.patch(made["id"], later)
        kept = [i for i in camille.items() if i.get("recurringEventId") == made["id"]]
        assert len(kept) == left


def test_a_shortened_rule_drops_only_the_exceptions_it_loses(camille: CalendarClient) -> None:
    """UNTIL before an exception ends it, one before the UNTIL stays."""
    made = camille.inserted(series())
    found = occurrences(camille, made["id"])
    for one in (found[1], found[3]):
        camille.patch(one["id"], {"summary": "Other"})
    camille.patch(made["id"], {"recurrence": ["RRULE:FREQ=WEEKLY;UNTIL=20261215T000000Z"]})
    listed = [item["id"] for item in camille.items()]
    assert sorted(listed) == sorted([made["id"], found[1]["id"]])
    assert reason(camille.get(f"{made['id']}_20261221T080000Z")) == (404, "notFound")


def test_a_guest_of_one_occurrence_gets_that_exception_alone(
    camille: CalendarClient, sam: CalendarClient
) -> None:
    """An exception can be on a calendar without its series."""
    made = camille.inserted(series())
    second = occurrences(camille, made["id"])[1]
    camille.patch(second["id"], {"attendees": [{"email": SAM}]})
    assert [item["id"] for item in sam.items()] == [second["id"]]
    assert sam.get(made["id"]).status_code == 404


def test_a_guest_uninvited_from_one_occurrence_keeps_the_series(
    camille: CalendarClient, sam: CalendarClient
) -> None:
    """The guest's copy of the occurrence is a cancelled exception."""
    made = camille.inserted(series(attendees=[{"email": SAM}]))
    second = occurrences(camille, made["id"])[1]
    camille.patch(second["id"], {"attendees": []})
    statuses = {item["id"]: item["status"] for item in sam.items()}
    assert statuses == {made["id"]: "confirmed", second["id"]: "cancelled"}
    assert len(occurrences(sam, made["id"])) == 3


def test_answering_one_occurrence_makes_an_exception_on_both_sides(
    google: GoogleSimulator, camille: CalendarClient, sam: CalendarClient
) -> None:
    """The answer flows to the organizer's occurrence only."""
    made = camille.inserted(series(attendees=[{"email": SAM}]))
    second = occurrences(sam, made["id"])[1]
    google.world.respond(SAM, second["id"], "declined")
    got = [one["attendees"][0]["responseStatus"] for one in occurrences(camille, made["id"])]
    assert got == ["needsAction", "declined", "needsAction", "needsAction"]


def test_a_later_guest_gets_the_exceptions_too(
    camille: CalendarClient, sam: CalendarClient
) -> None:
    """A cancelled occurrence stays cancelled, an edited one edited, for who joins the series."""
    made = camille.inserted(series())
    _, second, third, _ = occurrences(camille, made["id"])
    camille.delete(second["id"])
    camille.patch(third["id"], {"summary": "Other"})
    camille.patch(made["id"], {"attendees": [{"email": SAM}]})
    titles = [one["summary"] for one in occurrences(sam, made["id"])]
    assert titles == ["Webinar", "Other", "Webinar"]


def test_a_guest_cannot_change_the_rule(camille: CalendarClient, sam: CalendarClient) -> None:
    """The copy keeps the organizer's occurrences, whatever the guest sends."""
    made = camille.inserted(series(attendees=[{"email": SAM}]))
    changed = sam.patch(made["id"], {"recurrence": ["RRULE:FREQ=DAILY"], "summary": "Mine"}).json()
    assert (changed["recurrence"], changed["summary"]) == (made["recurrence"], "Mine")


def test_this_and_following_makes_a_new_series(
    google: GoogleSimulator, camille: CalendarClient
) -> None:
    """Observed (odoo pull request 287171): new id <id>_R<stamp>, UNTIL on the old one."""
    made = camille.inserted(series())
    third = occurrences(camille, made["id"])[2]
    new = google.world.split_event("camille@acme.test", third["id"], {"summary": "Second half"})
    assert new["id"] == f"{made['id']}_R20261221T080000Z"
    assert new["iCalUID"] != made["iCalUID"]
    assert starts(occurrences(camille, made["id"])) == [
        "2026-12-07T09:00:00+01:00",
        "2026-12-14T09:00:00+01:00",
    ]
    after = occurrences(camille, new["id"])
    assert starts(after) == ["2026-12-21T09:00:00+01:00", "2026-12-28T09:00:00+01:00"]
    assert {one["summary"] for one in after} == {"Second half"}


def test_splitting_at_the_first_occurrence_changes_the_series(google: GoogleSimulator) -> None:
    """Editing the first one "and following" means all."""
    made = google.world.insert_event("camille@acme.test", series())
    first = f"{made['id']}_20261207T080000Z"
    changed = google.world.split_event("camille@acme.test", first, {"summary": "All"})
    assert (changed["id"], changed["summary"]) == (made["id"], "All")


def test_single_events_expands_and_orders(camille: CalendarClient) -> None:
    """events.list: singleEvents, orderBy=startTime, timeMin exclusive on the end."""
    made = camille.inserted(series())
    other = camille.inserted(
        event(
            start={**MORNING, "dateTime": "2026-12-14T08:00:00+01:00"},
            end={**MORNING, "dateTime": "2026-12-14T08:30:00+01:00"},
        )
    )
    window = {"timeMin": "2026-12-07T10:00:00+01:00", "timeMax": "2026-12-21T09:00:00+01:00"}
    found = camille.items(singleEvents="true", orderBy="startTime", **window)
    assert [item["id"] for item in found] == [other["id"], f"{made['id']}_20261214T080000Z"]
    assert [item["id"] for item in camille.items(**window)] == sorted([made["id"], other["id"]])
    assert camille.page(orderBy="startTime").status_code == 400


def test_an_endless_series_is_cut_at_a_horizon(
    google: GoogleSimulator, camille: CalendarClient
) -> None:
    """singleEvents=true: how far is not documented."""
    google.switches.single_events_horizon_days = 60
    camille.inserted(event(recurrence=["RRULE:FREQ=DAILY"]))
    assert 30 <= len(camille.items(singleEvents="true")) <= 60


def test_instances_can_be_asked_by_original_start(camille: CalendarClient) -> None:
    """events.instances: originalStart; 400 for an event that does not recur."""
    made = camille.inserted(series())
    (found,) = occurrences(camille, made["id"], originalStart="2026-12-14T09:00:00+01:00")
    assert found["id"].endswith("_20261214T080000Z")
    single = camille.inserted(event())
    assert camille.call("GET", camille.path(single["id"]) + "/instances").status_code == 400
    page = camille.call("GET", camille.path(made["id"]) + "/instances", params={"maxResults": 3})
    assert len(page.json()["items"]) == 3
    rest = occurrences(camille, made["id"], maxResults=3, pageToken=page.json()["nextPageToken"])
    assert len(rest) == 1


def test_a_day_can_be_asked_for_beside_exceptions_from_when_the_series_had_a_time(
    google: GoogleSimulator, camille: CalendarClient
) -> None:
    google.switches.series_time_change = "keep_exceptions"
    made = camille.inserted(series())
    camille.patch(occurrences(camille, made["id"])[1]["id"], {"summary": "Kept"})
    day = {"dateTime": None, "timeZone": None}
    camille.patch(
        made["id"],
        {"start": {**day, "date": "2026-12-14"}, "end": {**day, "date": "2026-12-15"}},
    )
    (found,) = occurrences(camille, made["id"], originalStart="2026-12-14")
    assert found["originalStartTime"] == {"date": "2026-12-14"}


def test_a_series_is_not_split_at_an_exception_from_when_it_had_another_time(
    google: GoogleSimulator, camille: CalendarClient
) -> None:
    google.switches.series_time_change = "keep_exceptions"
    made = camille.inserted(series())
    second = occurrences(camille, made["id"])[1]["id"]
    camille.patch(second, {"summary": "Kept"})
    day = {"dateTime": None, "timeZone": None}
    camille.patch(
        made["id"],
        {"start": {**day, "date": "2026-12-14"}, "end": {**day, "date": "2026-12-15"}},
    )
    with pytest.raises(ApiError):
        google.world.split_event("camille@acme.test", second)


def test_a_moved_series_takes_its_exceptions_along(
    google: GoogleSimulator, camille: CalendarClient
) -> None:
    """events.move of a series; occurrences cannot be moved."""
    made = camille.inserted(series())
    second = occurrences(camille, made["id"])[1]
    camille.patch(second["id"], {"summary": "Other"})
    one = camille.call(
        "POST", camille.path(second["id"]) + "/move", params={"destination": TEAM_CALENDAR}
    )
    assert one.status_code == 400
    google.world.move_event("camille@acme.test", made["id"], TEAM_CALENDAR)
    assert camille.items() == []
    moved = {item["id"]: item["summary"] for item in camille.items(TEAM_CALENDAR)}
    assert moved == {made["id"]: "Webinar", second["id"]: "Other"}
