"""What must be true of both sides whenever the world has fallen quiet."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from addon.description import words
from addon.product import PLACEHOLDER_TITLE
from addon.sync.base import SINGLE, Agreed, Standing
from addon.sync.values import livestorm_title
from cards import placeholder_titles
from sandbox.livestorm.records import Session
from tests.server.calls import CAMILLE
from tests.server.sync_people import Json, Life, People, instant_of
from tests.server.sync_rig import Rig


class Truth:
    """Looks at both sides themselves, not at what the program believes of them."""

    def __init__(self, rig: Rig, people: People) -> None:
        self.rig = rig
        self.people = people

    def all_is_well(self) -> None:
        """Everything that must hold in quiet."""
        self._nothing_is_doubled()
        life = self.people.life
        if life is None:
            return
        link = self.rig.link(life.livestorm_id)
        assert link.failures == 0, link.trouble
        if not life.left and len(life.deleted) < 2:
            self._nothing_was_lost(life)
        self._copies_are_whole()
        if link.state != "active":
            self._ended(life, link)
            return
        calendar, livestorm = self.people.calendar, self.people.livestorm
        assert calendar is not None, "the link is active, and its Calendar event is gone"
        assert livestorm is not None, "the link is active, and its Livestorm event is gone"
        self._words_agree(calendar, livestorm, link)
        self._occurrences_agree(life, calendar, link)
        self._nobody_left_unasked(life, link)

    def _nothing_is_doubled(self) -> None:
        """One Livestorm event for each room that was ever made."""
        world = self.rig.livestorm.world
        made = {one.id for one in world.events.values() if one.synced_with_google}
        assert made <= set(self.people.rooms), "a Livestorm event that nobody asked for"

    def _ended(self, life: Life, link: Any) -> None:
        assert life.deleted or life.left, f"ended without anybody's doing: {link.state}"
        calendar, livestorm = self.people.calendar, self.people.livestorm
        if calendar is None:
            assert life.deleted, "the Calendar event was deleted, and nobody wanted that"
        if livestorm is None:
            assert life.deleted & {"calendar", "livestorm"}, "nobody deleted the room"

    def _words_agree(self, calendar: Json, livestorm: Any, link: Any) -> None:
        parts = set(link.unsynced["parts"])
        shown = self.people.shown()
        title = livestorm_title(shown["calendar"]["title"], PLACEHOLDER_TITLE)
        assert title == shown["livestorm"]["title"] or (
            not shown["calendar"]["title"] and shown["livestorm"]["title"] in placeholder_titles()
        )
        texts = [words(shown[side]["description"]) for side in ("calendar", "livestorm")]
        assert texts[0] == texts[1]
        if "dateTime" in calendar["start"]:
            length = instant_of(calendar["end"]) - instant_of(calendar["start"])
            minutes = int(length / timedelta(minutes=1))
            if minutes and minutes != livestorm.estimated_duration:
                assert "end_time" in parts or self._over(calendar), (
                    minutes,
                    livestorm.estimated_duration,
                )

    def _over(self, calendar: Json) -> bool:
        return "recurrence" not in calendar and instant_of(calendar["end"]) <= self.rig.now

    def _occurrences_agree(self, life: Life, calendar: Json, link: Any) -> None:
        base, parts = self.rig.base(life.livestorm_id), set(link.unsynced["parts"])
        world = self.rig.livestorm.world
        known = {one.session_id for one in base.occurrences.values()}
        assert len(known) == len(base.occurrences), "two occurrences share a session"
        if "recurrence" in calendar:
            coming = self.people.upcoming()
            back = life.off & {one["id"] for one in coming}
            assert not back, f"cancelled occurrences that are back: {back}"
            soon = {self._key(one): one for one in coming}
            missing = [
                key
                for key, one in soon.items()
                if key not in base.occurrences
                and instant_of(one["start"]) > self.rig.now + timedelta(minutes=2)
            ]
            assert not missing, f"occurrences without a session: {missing}"
        else:
            soon = {SINGLE: calendar}
        for key, one in soon.items():
            agreed = base.occurrences.get(key)
            session = world.sessions.get(agreed.session_id) if agreed else None
            if agreed is None or session is None or session.canceled_at:
                continue
            self._occurrence_agrees(one, agreed, session, parts, link)
        if not known:
            # Until there is an occurrence to come, the session made with the room waits for it.
            known = {link.livestorm_session_id}
        self._no_session_doubled(life, known)

    @staticmethod
    def _key(occurrence: Json) -> str:
        original = occurrence["originalStartTime"]
        if "date" in original:
            return str(original["date"]).replace("-", "")
        return f"{instant_of(original):%Y%m%dT%H%M%SZ}"

    def _occurrence_agrees(
        self, event: Json, agreed: Agreed, session: Session, parts: set[str], link: Any
    ) -> None:
        start = datetime.fromtimestamp(session.estimated_started_at, UTC)
        if session.started_at:
            return
        if "date" in event["start"]:
            assert parts & {"time_of_day", "past_time"}
        elif start != instant_of(event["start"]):
            assert "past_time" in parts, (start, event["start"])
        if start + timedelta(hours=1) < self.rig.now:
            return
        apart = {address for address, _ in link.unsynced["guests"]}
        apart |= {
            address
            for address, standing in agreed.guests.items()
            if standing is Standing.LIVESTORM_ONLY
        }
        invited = self._invited(event) - apart
        registered = self._registered(session) - apart
        assert invited == registered, (event["id"], invited ^ registered)

    def _invited(self, event: Json) -> set[str]:
        entries = [one["email"].lower() for one in event.get("attendees", [])]
        assert len(entries) == len(set(entries)), "somebody is invited twice"
        organizer = event["organizer"]["email"]
        return set(entries) - {organizer, CAMILLE}

    def _registered(self, session: Session) -> set[str]:
        return {
            one.person.email for one in session.registrations.values() if one.role == "participant"
        }

    def _no_session_doubled(self, life: Life, known: set[str]) -> None:
        """Beside those of the occurrences, there are sessions of people, and kept ones."""
        lines = self.rig.history(life.livestorm_id)
        kept = {
            str(one.detail["value"])
            for one in lines
            if one.what in {"session_kept", "session_replaced"}
        }
        for one in self.people.planned():
            start = datetime.fromtimestamp(one.estimated_started_at, UTC)
            if one.id in known or one.id in life.sessions or start <= self.rig.now:
                continue
            assert start.isoformat() in kept, f"a session of nobody: {one.id} at {start}"

    def _nothing_was_lost(self, life: Life) -> None:
        noted = {
            str(one.detail.get("value"))
            for one in self.rig.history(life.livestorm_id)
            if one.what in {"overwritten", "lost_with_deletion"}
        }
        shown = {part for side in self.people.shown().values() for part in side.values()}
        told = _told(shown | noted)
        for (side, part), value in life.typed.items():
            assert not value or words(value)[:255] in told, (side, part, value)
        life.typed.clear()

    def _nobody_left_unasked(self, life: Life, link: Any) -> None:
        """Who was there and was removed by nobody is there; who came and did not go as well."""
        calendar = self.people.calendar
        assert calendar is not None
        invited = self._invited(calendar)
        apart = {address for address, _ in link.unsynced["guests"]}
        # Who registered for a session of what became a series meanwhile is invited to its date.
        dates = self.people.upcoming() if "recurrence" in calendar else []
        somewhere = invited.union(*map(self._invited, dates))
        for expected, there in ((life.stayed, invited), (life.came, somewhere)):
            missing = expected - life.went - apart - there
            assert not missing, missing
        life.stayed, life.came, life.went = invited - apart, set(), set()

    def _copies_are_whole(self) -> None:
        """What was duplicated or split off is nobody's link, and was not touched."""
        life, world = self.people.life, self.rig.google.world
        assert life is not None
        for calendar_id, event_id, with_room in life.copies:
            copy = world.event(calendar_id, event_id)
            assert copy["status"] == "confirmed", "a copy was deleted"
            assert ("conferenceData" in copy) is with_room, "a copy lost its room, or was given one"


def _told(values: Iterable[str]) -> set[str]:
    return {words(one)[:255] for one in values if one}
