"""Random edits by three people: increments tell the truth, and copies match their originals."""

import random
from typing import Any

import pytest

from sandbox.google import TEAM_CALENDAR, GoogleSimulator
from sandbox.google.api_errors import ApiError
from tests.sandbox.google.client import CalendarClient, event

PEOPLE = ("camille@acme.test", "sam@acme.test", "guest@partner.test")
CALENDARS = (*PEOPLE, TEAM_CALENDAR)
STEPS = 40  # enough for series, splits, moves and undone deletions to meet in one run


class Follower:
    """A client that knows a calendar through increments only."""

    def __init__(self, google: GoogleSimulator, calendar: str) -> None:
        owner = google.calendars[calendar].owner
        self.client = CalendarClient(google, owner)
        self.calendar = calendar
        self.known: dict[str, dict[str, Any]] = {}
        self.query: dict[str, Any] = {"showDeleted": "true", "maxResults": 3}

    def follow(self) -> None:
        """One incremental sync, page by page."""
        page: dict[str, Any] = {"nextPageToken": None}
        while "nextPageToken" in page:
            more = {"pageToken": page["nextPageToken"]} if page["nextPageToken"] else {}
            page = self.client.page(self.calendar, **self.query, **more).json()
            self.known |= {item["id"]: item for item in page["items"]}
        self.query["syncToken"] = page["nextSyncToken"]

    def live(self) -> dict[str, str]:
        """Id → etag of what is not deleted."""
        items = self.known.values()
        return {item["id"]: item["etag"] for item in items if item["status"] != "cancelled"}


def act(google: GoogleSimulator, dice: random.Random, step: int) -> None:
    """One random action in Calendar's page; some are refused."""
    world, calendar = google.world, dice.choice(CALENDARS)
    known = [one["id"] for one in world.events(calendar, deleted=dice.random() < 0.2)]
    known += [f"{one}_202612{dice.randint(7, 9):02d}T080000Z" for one in known]
    guests = [{"email": email} for email in dice.sample([*PEOPLE, "x@y.test"], dice.randint(0, 3))]
    rule = [f"RRULE:FREQ=DAILY;COUNT={dice.randint(2, 5)}"]
    later = {"dateTime": f"2026-12-07T{10 + step % 9}:00:00+01:00", "timeZone": "Europe/Paris"}
    event_id = dice.choice(known) if known else ""
    match dice.randrange(11 if known else 1):
        case 0:
            extra = {"recurrence": rule} if dice.random() < 0.5 else {}
            world.insert_event(calendar, event(attendees=guests, **extra))
        case 1:
            world.patch_event(calendar, event_id, {"summary": f"Step {step}"})
        case 2:
            world.patch_event(calendar, event_id, {"attendees": guests})
        case 3:
            world.patch_event(calendar, event_id, {"end": later})
        case 4:
            world.patch_event(calendar, event_id, {"recurrence": rule})
        case 5:
            world.delete_event(calendar, event_id)
        case 6:
            world.undelete_event(calendar, event_id)
        case 7 if calendar != TEAM_CALENDAR:
            world.respond(calendar, event_id, dice.choice(["accepted", "declined"]))
        case 8:
            world.split_event(calendar, event_id, {"summary": "Second half"})
        case 9:
            world.duplicate_event(calendar, event_id)
        case _:
            world.move_event(calendar, event_id, dice.choice([PEOPLE[0], TEAM_CALENDAR]))


@pytest.mark.parametrize("seed", range(8))
def test_increments_and_copies_tell_the_truth(google: GoogleSimulator, seed: int) -> None:
    """Guide sync and concept inviting-attendees, whatever people do."""
    dice = random.Random(seed)
    google.switches.change({"noop_write_changes_etag": seed % 2 == 0})
    followers = {calendar: Follower(google, calendar) for calendar in CALENDARS}
    done = 0
    for step in range(STEPS):
        try:
            act(google, dice, step)
            done += 1
        except ApiError:
            continue
        if dice.random() < 0.3:
            followers[dice.choice(CALENDARS)].follow()
    assert done > STEPS / 2
    for calendar, follower in followers.items():
        follower.follow()
        follower.client.session.close()
        shown = google.world.events(calendar)
        assert follower.live() == {one["id"]: one["etag"] for one in shown}
        for one in shown:
            home = one["organizer"]["email"]
            original = google.world.event(home, one["id"])
            assert original["status"] == "confirmed"
            if home != calendar:
                assert calendar in {entry["email"] for entry in original["attendees"]}
                continue
            for entry in one.get("attendees", []):
                invited = entry["email"] in PEOPLE and entry["email"] != home
                if invited and entry["responseStatus"] != "declined":
                    assert google.world.event(entry["email"], one["id"])["status"] == "confirmed"
