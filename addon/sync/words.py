"""The closed vocabulary of synchronisation: what is stored, and what pages put into sentences.

The values are stored; a name may change, a value never does.
"""

from enum import Enum


class Side(Enum):
    """Where something was seen or is to be written."""

    CALENDAR = "calendar"
    LIVESTORM = "livestorm"

    @property
    def other(self) -> "Side":
        """The opposite side."""
        return Side.LIVESTORM if self is Side.CALENDAR else Side.CALENDAR


class Change(Enum):
    """What about a pair of events changed."""

    TITLE = "title"
    DESCRIPTION = "description"
    START = "start"
    LENGTH = "length"
    GUEST_ADDED = "guest_added"
    GUEST_REMOVED = "guest_removed"
    OCCURRENCE_ADDED = "occurrence_added"
    OCCURRENCE_REMOVED = "occurrence_removed"
    DELETED = "deleted"


class NoteKind(Enum):
    """What is worth telling the owner beside the changes that were carried."""

    OVERWRITTEN = "overwritten"
    """Both sides were changed; the newer value was kept, this is the other one."""
    LOST_WITH_DELETION = "lost_with_deletion"
    """Changed on one side while the other was deleted."""
    DELETION_TAKEN_BACK = "deletion_taken_back"
    """The event is there again; nothing was deleted on the other side."""
    SESSION_KEPT = "session_kept"
    """An occurrence is gone, but its session has people of its own, or took place."""
    SESSION_REFUSED = "session_refused"
    """An occurrence is gone, but Livestorm will not delete its session."""
    SESSION_REPLACED = "session_replaced"
    """Livestorm's session was replaced there by another, which the event follows now."""
    SPEAKER_KEPT = "speaker_kept"
    """Removed from the guest list; guest speakers are only removed in Livestorm itself."""
    REGISTRATION_KEPT = "registration_kept"
    """Removed from the guest list after the session began; its statistics stay whole."""


class UnlinkReason(Enum):
    """Why a pair is no longer kept the same, both events being left as they are."""

    NEVER_SAVED = "never_saved"
    """The Calendar event was never saved with our conference."""
    CALENDAR_LOST = "calendar_lost"
    """The Calendar event can no longer be found, and nobody saw it deleted."""
    NOT_ORGANIZER = "not_organizer"
    """Somebody else organizes the Calendar event now."""
    CONFERENCE_REMOVED = "conference_removed"
    CONFERENCE_SWITCHED = "conference_switched"
    """The Calendar event has another conference now."""
    BOTH_DELETED = "both_deleted"
    TOOK_PLACE = "took_place"
    """One side was deleted after the event had begun: what took place stays."""
    OTHER_SESSIONS = "other_sessions"
    """Deleted in Calendar, but the Livestorm event has sessions that did not come from there."""
    LIVESTORM_GONE = "livestorm_gone"
    """The Livestorm event was deleted before its Calendar event was saved or kept in sync, or
    where that may not be written."""
    LIVESTORM_VANISHED = "livestorm_vanished"
    """The Livestorm event cannot be found, and nobody can tell that it was deleted."""
    DELETION_REFUSED = "deletion_refused"
    """Deleted in Calendar; Livestorm will not delete its event."""


class WaitReason(Enum):
    """Why nothing is done before some instant."""

    NOT_SAVED_YET = "not_saved_yet"
    ORGANIZER_UNKNOWN = "organizer_unknown"
    DELETION_SEEN = "deletion_seen"
    """A deletion waits, so that a move or an undo can show up."""
    NOT_FOUND = "not_found"
    """Calendar knows no such event, although nobody deleted it: it is asked again."""
    LIST_EMPTIED = "list_emptied"
    """Everybody disappeared at once, as after a fault: it must still be so a while later."""
    SESSION_ASKED = "session_asked"
    """Livestorm may still be making a session that it was asked for."""


class Unsynced(Enum):
    """A part of an event that one side cannot hold or does not let us write."""

    PAST_TIME = "past_time"
    LATER_OCCURRENCES = "later_occurrences"
    END_TIME = "end_time"
    TIME_OF_DAY = "time_of_day"
    GUEST_LIST = "guest_list"
    """Calendar does not show all guests."""
    REGISTRANTS = "registrants"
    """The people of a session cannot be read in Livestorm: too many, or not now."""
    READ_ONLY = "read_only"
    """Calendar does not let this event be changed."""
    SESSION_KEPT = "session_kept"
    """A session stays in Livestorm although its date was removed in Calendar."""


class GuestReason(Enum):
    """Why somebody is not on both sides, or (GROUP_ADDRESS) why that is a problem."""

    GROUP_ADDRESS = "group_address"
    """Looks like a group's; registered as one person, so its people would share one join link."""
    OVER_LIMIT = "over_limit"
    REFUSED = "refused"
    """Livestorm did not accept the address, or there is none."""
    ANONYMOUS = "anonymous"
    """The Livestorm event registers nobody: everyone enters by the same link."""
    DECLINED = "declined"
    """Said no before being registered."""
    NO_ROOM = "no_room"
    """Registered in Livestorm; the guest list has as many people as it should."""
    NOT_KEPT = "not_kept"
    """Registered in Livestorm; Calendar did not keep the address on the guest list."""
