"""A pure model of Google's side: a Calendar event, kept and read as its API shows it."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from addon.google.events import parse
from addon.sync.actions import PatchCalendar
from addon.sync.base import SINGLE
from addon.sync.calendar_side import CalendarSide, OwnCalendar, calendar_side, own_calendar
from addon.sync.recurrence import expand
from addon.sync.values import When
from addon.sync.writes import calendar_patch

Json = dict[str, Any]

EVENT = "11111111-2222-3333-4444-555555555555"
ORGANIZER = "camille@acme.test"
OWN = own_calendar(ORGANIZER, ORGANIZER)
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


@dataclass
class CalendarModel:
    """Google's side."""

    body: Json | None
    zone: str = "Europe/Paris"
    own: OwnCalendar = OWN
    exceptions: dict[str, Json] = field(default_factory=dict)
    rewrites: Callable[[str], str] = lambda text: text
    upper_case: bool = False
    drops: set[str] = field(default_factory=set)
    """Addresses that are silently left out of what is written."""
    searched: bool = False
    all_seen: bool = False
    """Whether looking elsewhere reaches every calendar that the person has."""
    may_write: bool = True
    writes: int = 0

    def read(self) -> CalendarSide:
        event = None if self.body is None else parse(self.body, fallback_timezone=self.zone)
        return calendar_side(
            event,
            livestorm_event_id=EVENT,
            own=self.own,
            exceptions=[
                parse(one, fallback_timezone=self.zone) for one in self.exceptions.values()
            ],
            may_write=self.may_write,
            searched=self.searched,
            nowhere=self.searched and self.all_seen,
        )

    @property
    def when(self) -> When:
        value = self.read().value
        assert value is not None
        assert value.when is not None
        return value.when

    def edit(self, now: datetime, **changes: object) -> None:
        assert self.body is not None
        self.body.update(changes)
        self.body["updated"] = stamp(now)

    def move(self, start: datetime, minutes: int, now: datetime, key: str = SINGLE) -> None:
        """Give the event, or one occurrence, another time.

        Calendar drops the exceptions of a series that is given another time as a whole.
        """
        one = self.occurrence(key)
        zone = ZoneInfo(self.zone)
        for name, moment in (("start", start), ("end", start + timedelta(minutes=minutes))):
            one[name] = {"dateTime": moment.astimezone(zone).isoformat(), "timeZone": self.zone}
        one["updated"] = stamp(now)
        if key == SINGLE:
            self.exceptions.clear()

    def make_all_day(self, first: date, days: int, now: datetime) -> None:
        """Make the event last whole days."""
        end = first + timedelta(days=days)
        self.exceptions.clear()
        self.edit(now, start={"date": first.isoformat()}, end={"date": end.isoformat()})

    def occurrence(self, key: str) -> Json:
        """The occurrence with this key, as an exception of its own from now on."""
        if key == SINGLE:
            assert self.body is not None
            return self.body
        if key not in self.exceptions:
            self.exceptions[key] = self._instance(key)
        return self.exceptions[key]

    def _instance(self, key: str) -> Json:
        assert self.body is not None
        value = self.read().value
        assert value is not None
        assert value.when is not None
        made = dict(
            expand(
                value.when,
                value.recurrence,
                since=datetime(2000, 1, 1, tzinfo=UTC),
                until=NOW + timedelta(days=3000),
            )
        )
        when = made[key]
        body = deepcopy(self.body)
        del body["recurrence"]
        if when.day is not None:
            original: Json = {"date": when.day.isoformat()}
            end: Json = {"date": when.date_of(when.end).isoformat()}
        else:
            original = {"dateTime": stamp(when.start), "timeZone": when.timezone}
            end = {"dateTime": stamp(when.end), "timeZone": when.timezone}
        body |= {
            "id": f"{self.body['id']}_{key}",
            "recurringEventId": self.body["id"],
            "originalStartTime": original,
            "start": dict(original),
            "end": end,
        }
        return body

    def cancel(self, key: str) -> None:
        """Delete the event, whose details stay, or one occurrence, of which only an id is left."""
        one = self.occurrence(key)
        if key == SINGLE:
            assert self.body is not None
            self.body = {**one, "status": "cancelled"}
            self.exceptions.clear()
        else:
            names = ("id", "recurringEventId", "originalStartTime")
            self.exceptions[key] = {name: one[name] for name in names} | {"status": "cancelled"}

    def patch(self, action: PatchCalendar, now: datetime) -> CalendarSide:
        """Do what an action says, the way Calendar does: lists are replaced whole."""
        self.writes += 1
        one = self.occurrence(action.occurrence)
        change = calendar_patch(action, one)
        for name in ("start", "end"):
            if name in change:
                change[name] = {key: text for key, text in change[name].items() if text}
        if "description" in change:
            change["description"] = self.rewrites(change["description"])
        before = {entry["email"] for entry in one.get("attendees", [])}
        one.update(change)
        one["updated"] = stamp(now)
        if self.upper_case:
            for entry in one.get("attendees", []):
                entry["email"] = entry["email"].upper()
        one["attendees"] = [
            entry
            for entry in one.get("attendees", [])
            if entry["email"].lower() not in self.drops or entry["email"] in before
        ]
        if action.occurrence == SINGLE and self.body and self.body.get("recurrence"):
            self._follow(before, change)
        return self._answer(one)

    def _follow(self, before: set[str], change: Json) -> None:
        """Exceptions follow their series in what they have in common with it."""
        assert self.body is not None
        for one in self.exceptions.values():
            if one.get("status") == "cancelled":
                continue
            one.update({key: change[key] for key in ("summary", "description") if key in change})
            if "attendees" in change:
                new = {entry["email"]: entry for entry in change["attendees"]}
                own = [
                    entry
                    for entry in one.get("attendees", [])
                    if entry["email"] in new or entry["email"] not in before
                ]
                known = {entry["email"] for entry in own}
                added = [new[key] for key in new if key not in known and key not in before]
                one["attendees"] = own + added

    def _answer(self, one: Json) -> CalendarSide:
        return calendar_side(
            parse(one, fallback_timezone=self.zone),
            livestorm_event_id=EVENT,
            own=self.own,
            may_write=self.may_write,
        )

    def invite(self, address: str, key: str = SINGLE, **more: object) -> None:
        entries = self.occurrence(key).setdefault("attendees", [])
        if address not in {entry["email"].lower() for entry in entries}:
            entries.append({"email": address, "responseStatus": "needsAction", **more})

    def uninvite(self, address: str, key: str = SINGLE) -> None:
        one = self.occurrence(key)
        one["attendees"] = [
            entry for entry in one.get("attendees", []) if entry["email"].lower() != address
        ]

    def guests(self, key: str = SINGLE) -> set[str]:
        one = self.exceptions.get(key) or self.body
        assert one is not None
        return {
            entry["email"].lower()
            for entry in one.get("attendees", [])
            if not entry.get("organizer") and not entry.get("resource")
        }


def event(
    start: datetime = NOW + timedelta(days=2),
    *,
    minutes: int = 60,
    zone: str = "Europe/Paris",
    **more: object,
) -> Json:
    """A Calendar event as its organizer's calendar shows it, with our conference."""
    end = start + timedelta(minutes=minutes)
    return {
        "id": "event1",
        "etag": '"1"',
        "status": "confirmed",
        "iCalUID": "event1@google.com",
        "summary": "Launch",
        "description": "About it",
        "start": {
            "dateTime": start.astimezone(ZoneInfo(zone)).isoformat(),
            "timeZone": zone,
        },
        "end": {"dateTime": end.astimezone(ZoneInfo(zone)).isoformat(), "timeZone": zone},
        "organizer": {"email": ORGANIZER, "self": True},
        "conferenceData": {"conferenceId": EVENT},
        "attendees": [
            {"email": ORGANIZER, "organizer": True, "self": True, "responseStatus": "accepted"}
        ],
        "updated": stamp(NOW),
        **more,
    }


def all_day(first: str, end: str, **more: object) -> Json:
    return event(**more) | {"start": {"date": first}, "end": {"date": end}}  # type: ignore[arg-type]
