"""What of an event is not the same on both sides, and why, in words."""

from typing import assert_never

from cards.event_view import GuestReason, Linked, UnsyncedGuest, UnsyncedPart
from cards.messages import Translator
from cards.widgets import MAX_NAME, Icon, JsonObject, clean, escape, labelled, paragraph

MAX_NAMED_GUESTS = 5
"""Addresses named for one reason: the panel stays readable, the page lists them all."""


def unsynced_widgets(t: Translator, linked: Linked) -> list[JsonObject]:
    """One widget for each part that is not carried, then two for each reason with its guests."""
    widgets = [
        labelled(_part(t, part, linked), top=_part_name(t, part), icon=_part_icon(part))
        for part in UnsyncedPart
        if part in linked.unsynced_parts
    ]
    for reason in GuestReason:
        guests = [guest for guest in linked.unsynced_guests if guest.reason is reason]
        if guests:
            widgets.append(_guests(t, reason, guests))
            widgets.append(paragraph(_guest_reason(t, reason, linked.guest_limit)))
    return widgets


def _guests(t: Translator, reason: GuestReason, guests: list[UnsyncedGuest]) -> JsonObject:
    count = len(guests)
    names = ", ".join(clean(guest.email, MAX_NAME) for guest in guests[:MAX_NAMED_GUESTS])
    more = count - MAX_NAMED_GUESTS
    if more > 0:
        names = t.ngettext(
            "{names} and {count} more", "{names} and {count} more", more, names=names
        )
    return labelled(escape(names), top=_guests_are(t, reason, count), icon=Icon.PEOPLE)


def _guests_are(t: Translator, reason: GuestReason, count: int) -> str:
    match reason:
        case GuestReason.GROUP_ADDRESS:
            return t.ngettext(
                "{count} guest looks like a group", "{count} guests look like groups", count
            )
        case GuestReason.NO_ROOM | GuestReason.NOT_KEPT:
            return t.ngettext(
                "{count} person not on the guest list",
                "{count} people not on the guest list",
                count,
            )
        case _:
            return t.ngettext(
                "{count} guest not registered", "{count} guests not registered", count
            )


def _guest_reason(  # noqa: PLR0911 - one return for each reason
    t: Translator, reason: GuestReason, limit: int
) -> str:
    match reason:
        case GuestReason.GROUP_ADDRESS:
            return t.gettext(
                "Livestorm registers a group address as one person: everybody in the group gets"
                " the same join link, and it lets in only one of them at a time. Replace it by the"
                " people’s own addresses. If it is one person, ignore this."
            )
        case GuestReason.OVER_LIMIT:
            return t.ngettext(
                "Only {count} guest of an event is registered from Google Calendar."
                " Register the others in Livestorm, or give them the join link.",
                "At most {count} guests of an event are registered from Google Calendar."
                " Register the others in Livestorm, or give them the join link.",
                limit,
            )
        case GuestReason.REFUSED:
            return t.gettext(
                "Livestorm did not accept the address. Check its spelling, or register the person"
                " in Livestorm."
            )
        case GuestReason.ANONYMOUS:
            return t.gettext(
                "This Livestorm event asks for no registration: everyone enters with the join"
                " link. There is nothing to do."
            )
        case GuestReason.DECLINED:
            return t.gettext(
                "They declined the invitation. They are registered as soon as they accept it."
            )
        case GuestReason.NO_ROOM:
            return t.ngettext(
                "Registered in Livestorm. The guest list here takes no more than {count} person"
                " from there. There is nothing to do.",
                "Registered in Livestorm. The guest list here takes no more than {count} people"
                " from there. There is nothing to do.",
                limit,
            )
        case GuestReason.NOT_KEPT:
            return t.gettext(
                "Registered in Livestorm. Google Calendar did not take the address as a guest."
                " To have them here, add them to the guest list yourself."
            )
        case _ as unknown:
            assert_never(unknown)


def _part_name(t: Translator, part: UnsyncedPart) -> str:
    match part:
        case UnsyncedPart.PAST_TIME | UnsyncedPart.TIME_OF_DAY:
            return t.gettext("Date and time")
        case UnsyncedPart.LATER_OCCURRENCES:
            return t.gettext("Repeating event")
        case UnsyncedPart.END_TIME:
            return t.gettext("End time")
        case UnsyncedPart.GUEST_LIST | UnsyncedPart.REGISTRANTS:
            return t.gettext("Guest list")
        case UnsyncedPart.READ_ONLY:
            return t.gettext("Changes made in Livestorm")
        case UnsyncedPart.SESSION_KEPT:
            return t.gettext("Removed date")
        case _ as unknown:
            assert_never(unknown)


def _part_icon(part: UnsyncedPart) -> Icon:
    match part:
        case UnsyncedPart.GUEST_LIST | UnsyncedPart.REGISTRANTS:
            return Icon.PEOPLE
        case UnsyncedPart.READ_ONLY:
            return Icon.TEXT
        case _:
            return Icon.CLOCK


def _part(  # noqa: PLR0911 - one return for each part
    t: Translator, part: UnsyncedPart, linked: Linked
) -> str:
    match part:
        case UnsyncedPart.PAST_TIME:
            return t.gettext(
                "Livestorm takes no past dates, and keeps the date of an event whose time has come."
                " For another date, create a new event."
            )
        case UnsyncedPart.LATER_OCCURRENCES:
            return _occurrences(t, linked.occurrence_sessions)
        case UnsyncedPart.END_TIME:
            return t.gettext(
                "Livestorm sets the length of its events itself. To change it, edit the event"
                " in Livestorm."
            )
        case UnsyncedPart.TIME_OF_DAY:
            return t.gettext(
                "This event lasts all day. In Livestorm it begins in the morning of the first day."
            )
        case UnsyncedPart.GUEST_LIST:
            return t.gettext(
                "Google Calendar does not show us all guests, so guests are not removed"
                " in Livestorm."
            )
        case UnsyncedPart.REGISTRANTS:
            return t.gettext(
                "The people registered in Livestorm cannot all be read there, so they do not"
                " appear here. Guests invited here are registered all the same."
            )
        case UnsyncedPart.READ_ONLY:
            return t.gettext(
                "Google Calendar does not let you change this event, so what is changed in"
                " Livestorm does not appear here."
            )
        case UnsyncedPart.SESSION_KEPT:
            return t.gettext(
                "A date was removed here, but stays in Livestorm: people have registered for it"
                " there, or Livestorm did not delete it. If it is not to take place, delete it in"
                " Livestorm."
            )
        case _ as unknown:
            assert_never(unknown)


def _occurrences(t: Translator, sessions: int) -> str:
    if sessions <= 0:
        return t.gettext("Only the first date is in Livestorm. The join link works for all dates.")
    return t.ngettext(
        "Only the next date is in Livestorm; the others follow as time goes on.",
        "Only the next {count} dates are in Livestorm; the others follow as time goes on.",
        sessions,
    )
