"""What people do on both sides in the life of one event, and what they would miss afterwards."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from addon import description
from addon.description import words
from addon.sync.base import Pair
from addon.sync.rules import MAKING
from addon.sync.values import title
from sandbox.google import TEAM_CALENDAR, series
from sandbox.google.api_errors import ApiError
from sandbox.livestorm.changes import events, people, sessions
from sandbox.livestorm.records import Event, Session, Workspace
from sandbox.livestorm.refusal import Refused
from tests.server.calls import CAMILLE, ask_for_room
from tests.server.sync_rig import Rig

Json = dict[str, Any]

ZONE = "Europe/Paris"


@dataclass
class Life:
    """One event on both sides, as the people around it know it.

    Attributes:
        calendar_id: The calendar it is in now.
        livestorm_id: Of its Livestorm event.
        typed: What somebody typed and has not been seen on the other side: (side, part) → value.
        came: Who was invited or registered since all was quiet.
        went: Who was uninvited or unregistered since then.
        stayed: Who was on both sides then.
        deleted: The sides on which somebody deleted it, or the only session it has.
        left: Somebody took the conference off, or moved the event where it may not be followed.
        sessions: Livestorm sessions that people made.
        off: Occurrences that somebody cancelled, by their own id, since people last gave the series
            another time: that may bring them back.
        copies: Calendar events that were made from it: calendar id, event id, and whether it came
            with a room, which it does as long as the original has one.
    """

    event_id: str
    livestorm_id: str
    calendar_id: str = CAMILLE
    typed: dict[tuple[str, str], str] = field(default_factory=dict)
    came: set[str] = field(default_factory=set)
    went: set[str] = field(default_factory=set)
    stayed: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    left: bool = False
    sessions: set[str] = field(default_factory=set)
    off: set[str] = field(default_factory=set)
    copies: list[tuple[str, str, bool]] = field(default_factory=list)


class People:
    """Camille, her guests, and her colleagues in Livestorm. Every method is one thing they do."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.life: Life | None = None
        self.rooms: list[str] = []
        self.ended: list[Life] = []

    def do(self, edit: tuple[Any, ...]) -> None:
        """Do something by its name, if there is something to do it with."""
        name, *arguments = edit
        act: Callable[..., None] = getattr(self, name)
        if self.life is None:
            return
        side = self.calendar if name.startswith("calendar_") else self.livestorm
        if side is None:
            return
        # What a side refuses, its page says, and nobody did anything.
        with suppress(ApiError, Refused):
            act(*arguments)

    def make(self, hours: int, minutes: int, rules: list[str] | None, guests: list[str]) -> None:
        """Camille saves an event, picks Livestorm, and saves the room with it."""
        world = self.rig.google.world
        start = self._soon(hours)
        body: Json = {
            "summary": "Launch",
            "description": "About it",
            "start": _moment(start),
            "end": _moment(start + timedelta(minutes=minutes)),
        }
        if rules:
            body["recurrence"] = rules
        if guests:
            body["attendees"] = [{"email": one} for one in guests]
        event_id = str(world.insert_event(CAMILLE, body)["id"])
        room = ask_for_room(self.rig.program, event_id)
        assert "error" not in room, room
        world.attach_conference(CAMILLE, event_id, room)
        self.life = Life(event_id, str(room["conferenceId"]))
        self.life.came |= set(guests)
        self.rooms.append(self.life.livestorm_id)
        # Nobody finds a new Livestorm event and rewrites it sooner.
        self.rig.pass_time(seconds=MAKING.total_seconds() + 1)

    # What there is

    @property
    def calendar(self) -> Json | None:
        """The Calendar event; None when it is deleted."""
        assert self.life is not None
        event = self.rig.google.world.event(self.life.calendar_id, self.life.event_id)
        return event if event["status"] == "confirmed" else None

    @property
    def livestorm(self) -> Event | None:
        """The Livestorm event; None when it is deleted."""
        assert self.life is not None
        return self.rig.livestorm.world.events.get(self.life.livestorm_id)

    @property
    def workspace(self) -> Workspace:
        """Of the Livestorm event."""
        return self.rig.livestorm.world.workspace

    def upcoming(self, count: int = 3) -> list[Json]:
        """The next occurrences of a series that exist, as Calendar shows them."""
        assert self.life is not None
        state = self.rig.google.state
        calendar = state.calendars[self.life.calendar_id]
        made = [
            one.resource
            for one in series.instances(
                calendar,
                calendar.events[self.life.event_id],
                since=self.rig.now,
                until=self.rig.now + timedelta(days=400),
                limit=count + 20,
            )
            if one.resource["status"] == "confirmed"
        ]
        return sorted(made, key=lambda one: (instant_of(one["start"]), one["id"]))[:count]

    def planned(self) -> list[Session]:
        """The Livestorm sessions that are still to take place, by their start."""
        event = self.livestorm
        if event is None:
            return []
        coming = [
            one
            for one in self.workspace.sessions_of(event)
            if not (one.started_at or one.ended_at or one.canceled_at)
        ]
        return sorted(coming, key=lambda one: (one.estimated_started_at, one.id))

    @property
    def recurs(self) -> bool:
        """Whether the event is a series."""
        calendar = self.calendar
        return calendar is not None and "recurrence" in calendar

    # In Calendar

    def calendar_title(self, text: str) -> None:
        self._type("calendar", "title", title(text))
        self._patch({"summary": text})

    def calendar_description(self, text: str) -> None:
        self._type("calendar", "description", description.clean(text))
        self._patch({"description": text})

    def calendar_move(self, hours: int, minutes: int) -> None:
        start = self._soon(hours)
        self._patch(_times(start, minutes))

    def calendar_all_day(self, days: int, length: int) -> None:
        first = (self.rig.now + timedelta(days=days)).date()
        self._patch({"start": _day(first), "end": _day(first + timedelta(days=length))})

    def calendar_rules(self, rules: list[str] | None) -> None:
        self._patch({"recurrence": rules})

    def calendar_invite(self, guest: str, declined: bool) -> None:
        entries = self._entries(self._life.event_id)
        if guest in entries:
            return
        answer = "declined" if declined else "needsAction"
        entries[guest] = {"email": guest.upper(), "responseStatus": answer}
        self._patch({"attendees": list(entries.values())})
        if not declined:
            self._life.came.add(guest)

    def calendar_invite_many(self, guests: list[str]) -> None:
        entries = self._entries(self._life.event_id)
        new = {one: {"email": one} for one in guests if one not in entries}
        self._patch({"attendees": list({**entries, **new}.values())})
        self._life.came |= set(new)

    def calendar_uninvite(self, guest: str) -> None:
        entries = self._entries(self._life.event_id)
        if entries.pop(guest, None):
            self._patch({"attendees": list(entries.values())})
            self._life.went.add(guest)

    def calendar_occurrence_guest(self, number: int, guest: str) -> None:
        one = self._occurrence(number)
        if one is None:
            return
        entries = self._entries(one["id"])
        if entries.pop(guest, None):
            self._life.went.add(guest)
        else:
            entries[guest] = {"email": guest}
        self._patch({"attendees": list(entries.values())}, one["id"])

    def calendar_occurrence_moves(self, number: int, hours: int) -> None:
        one = self._occurrence(number)
        if one is not None:
            self._patch(_times(self._soon(hours), 60), one["id"])

    def calendar_occurrence_renamed(self, number: int, text: str) -> None:
        one = self._occurrence(number)
        if one is not None:
            self._patch({"summary": text}, one["id"])

    def calendar_occurrence_cancelled(self, number: int) -> None:
        one = self._occurrence(number)
        if one is not None:
            self.rig.google.world.delete_event(self._life.calendar_id, one["id"])
            self._life.off.add(one["id"])

    def calendar_split(self, number: int) -> None:
        one = self._occurrence(number)
        if one is not None:
            made = self.rig.google.world.split_event(self._life.calendar_id, one["id"])
            self._life.off.clear()
            if made["id"] != self._life.event_id:
                self._copied(made)

    def calendar_duplicate(self) -> None:
        life = self._life
        self._copied(self.rig.google.world.duplicate_event(life.calendar_id, life.event_id))

    def calendar_change_calendar(self) -> None:
        there = TEAM_CALENDAR if self._life.calendar_id == CAMILLE else CAMILLE
        life, world = self._life, self.rig.google.world
        world.move_event(life.calendar_id, life.event_id, there)
        life.calendar_id, life.left = there, True

    def calendar_delete(self, taken_back: bool) -> None:
        world, life = self.rig.google.world, self._life
        if not taken_back:
            self._deletes("calendar")
        world.delete_event(life.calendar_id, life.event_id)
        if taken_back:
            self.rig.settle()
            life.off.clear()
            world.undelete_event(life.calendar_id, life.event_id)

    def calendar_conference_removed(self) -> None:
        self.rig.google.world.remove_conference(self._life.calendar_id, self._life.event_id)
        self._life.left = True

    # In Livestorm

    def livestorm_title(self, text: str) -> None:
        self._type("livestorm", "title", title(text))
        self._update({"title": text})

    def livestorm_description(self, text: str) -> None:
        self._type("livestorm", "description", description.clean(text))
        self._update({"description": text})

    def livestorm_length(self, minutes: int) -> None:
        self._update({"estimated_duration": minutes})

    def livestorm_move(self, number: int, hours: int) -> None:
        session = self._session(number)
        if session is not None:
            if session.estimated_started_at < self.rig.now.timestamp():
                # What an occurrence left behind when it was over is now one that people made.
                self._life.sessions.add(session.id)
            start = int(self._soon(hours).timestamp())
            world = self.rig.livestorm.world
            sessions.update_session(world, self.workspace, session, {"estimated_started_at": start})

    def livestorm_register(self, number: int, guest: str, speaker: bool) -> None:
        session = self._session(number)
        if session is None:
            return
        world = self.rig.livestorm.world
        if speaker:
            people.invite_guest_speaker(world, self.workspace, session, guest, "Guest Speaker")
        else:
            people.register(world, self.workspace, session, {"email": guest})
        if not self.recurs and session.id not in self._life.sessions:
            self._life.came.add(guest)

    def livestorm_unregister(self, number: int, guest: str, everywhere: bool) -> None:
        session, person = self._session(number), self.workspace.person_by_email(guest)
        if session is None or person is None:
            return
        world = self.rig.livestorm.world
        people.unregister(world, self.workspace, session, person, whole_event=everywhere)
        self._life.went.add(guest)

    def livestorm_session_deleted(self, number: int, cancelled: bool) -> None:
        session = self._session(number)
        if session is None:
            return
        world, workspace = self.rig.livestorm.world, self.workspace
        if not self.recurs:
            self._deletes("session")
        if cancelled:
            sessions.cancel_session(world, workspace, session)
        else:
            # The page warns and does what the API refuses: with the people, all goes.
            session.registrations.clear()
            sessions.delete_session(world, workspace, session)

    def livestorm_session_added(self, hours: int) -> None:
        event = self.livestorm
        assert event is not None
        made = sessions.create_session(
            self.rig.livestorm.world,
            self.workspace,
            event,
            starts_at=int(self._soon(hours).timestamp()) + 1800,
            timezone=ZONE,
        )
        self._life.sessions.add(made.id)

    def livestorm_session_starts(self, number: int) -> None:
        session = self._session(number)
        if session is not None:
            sessions.start_session(self.rig.livestorm.world, self.workspace, session)

    def livestorm_delete(self) -> None:
        event = self.livestorm
        assert event is not None
        self._deletes("livestorm")
        events.delete_event(self.rig.livestorm.world, self.workspace, event)

    # Inside

    @property
    def _life(self) -> Life:
        assert self.life is not None
        return self.life

    def _deletes(self, side: str) -> None:
        """Whoever deletes it there misses nothing of what they see there."""
        life = self._life
        life.deleted.add(side)
        where = "calendar" if side == "calendar" else "livestorm"
        seen = {part: words(text)[:255] for part, text in self.shown()[where].items()}
        life.typed = {
            (one, part): value
            for (one, part), value in life.typed.items()
            if one != where and words(value)[:255] != seen[part]
        }

    def _copied(self, made: Json) -> None:
        self._life.copies.append((self._life.calendar_id, made["id"], "conferenceData" in made))

    def _patch(self, changes: Json, event_id: str | None = None) -> None:
        life = self._life
        if event_id is None and changes.keys() & {"start", "recurrence"}:
            life.off.clear()
        self.rig.google.world.patch_event(life.calendar_id, event_id or life.event_id, changes)

    def _update(self, changes: Json) -> None:
        event = self.livestorm
        assert event is not None
        events.update_event(self.rig.livestorm.world, self.workspace, event, changes)

    def _entries(self, event_id: str) -> dict[str, Json]:
        event = self.rig.google.world.event(self._life.calendar_id, event_id)
        return {one["email"].lower(): one for one in event.get("attendees", [])}

    def _occurrence(self, number: int) -> Json | None:
        coming = self.upcoming() if self.recurs else []
        return coming[number % len(coming)] if coming else None

    def _session(self, number: int) -> Session | None:
        planned = self.planned()
        return planned[number % len(planned)] if planned else None

    def _soon(self, hours: int) -> datetime:
        whole = self.rig.now.replace(minute=0, second=0, microsecond=0)
        return whole + timedelta(hours=hours)

    def _type(self, side: str, part: str, value: str) -> None:
        """Somebody types over what they see; if that came from the other side, it is not lost."""
        life, seen = self._life, self.shown()[side][part]
        if value == seen:
            return
        other = "livestorm" if side == "calendar" else "calendar"
        typed = life.typed.get((other, part))
        if typed is not None and words(typed)[:255] == words(seen)[:255]:
            del life.typed[other, part]
        life.typed[side, part] = value
        if self._is_agreed(side, part, value):
            # Back to what was agreed on: nobody can tell that from never having changed it.
            del life.typed[side, part]

    def _is_agreed(self, side: str, part: str, value: str) -> bool:
        """Whether both sides agreed on this, or before they ever did were made with these words."""
        base = self.rig.base(self._life.livestorm_id)
        agreed: Pair[str] | None = getattr(base, part)
        if agreed is not None:
            return bool(getattr(agreed, side) == value)
        if base.made is None:
            return False
        written = title(self.rig.link(self._life.livestorm_id).title)
        made = base.made.description if part == "description" else Pair(written, written)
        # Livestorm may have tidied what the event was made with: other looks alone are no edit.
        return words(getattr(made, side)) == words(value)

    def shown(self) -> dict[str, dict[str, str]]:
        """The words that each side shows now."""
        calendar, livestorm = self.calendar or {}, self.livestorm
        return {
            "calendar": {
                "title": title(calendar.get("summary", "")),
                "description": description.clean(calendar.get("description", "")),
            },
            "livestorm": {
                "title": title(livestorm.title if livestorm else ""),
                "description": description.clean((livestorm and livestorm.description) or ""),
            },
        }


def instant_of(moment: Json) -> datetime:
    """When a start or end of Calendar is; days begin at nine in the morning."""
    if "dateTime" in moment:
        return datetime.fromisoformat(moment["dateTime"]).astimezone(UTC)
    return datetime.fromisoformat(f"{moment['date']}T09:00:00+01:00").astimezone(UTC)


def _moment(instant: datetime) -> Json:
    return {"dateTime": instant.isoformat(), "timeZone": ZONE, "date": None}


def _times(start: datetime, minutes: int) -> Json:
    return {"start": _moment(start), "end": _moment(start + timedelta(minutes=minutes))}


def _day(day: date) -> Json:
    return {"date": day.isoformat(), "dateTime": None, "timeZone": None}
