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
            widgets.append(_guests(t, guests))
            widgets.append(paragraph(_guest_reason(t, reason, linked.guest_limit)))
    return widgets


def _guests(t: Translator, guests: list[UnsyncedGuest]) -> JsonObject:
    count = len(guests)
    names = ", ".join(clean(guest.email, MAX_NAME) for guest in guests[:MAX_NAMED_GUESTS])
    more = count - MAX_NAMED_GUESTS
    if more > 0:
        names = t.ngettext(
            "{names} and {count} more", "{names} and {count} more", more, names=names
        )
    return labelled(
        escape(names),
        top=t.ngettext(
            "{count} guest not registered", "{count} guests not registered", len(guests)
        ),
        icon=Icon.PEOPLE,
    )


def _guest_reason(t: Translator, reason: GuestReason, limit: int) -> str:
    match reason:
        case GuestReason.GROUP_ADDRESS:
            return t.gettext(
                "A group address cannot be registered: its people would share one join link,"
                " which lets in only one of them. Invite them one by one."
            )
        case GuestReason.OVER_LIMIT:
            return t.ngettext(
                "Only the first guest of an event is registered from Google Calendar."
                " Register the others in Livestorm.",
                "Only the first {count} guests of an event are registered from Google Calendar."
                " Register the others in Livestorm.",
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
        case UnsyncedPart.GUEST_LIST:
            return t.gettext("Guest list")
        case _ as unknown:
            assert_never(unknown)


def _part_icon(part: UnsyncedPart) -> Icon:
    return Icon.PEOPLE if part is UnsyncedPart.GUEST_LIST else Icon.CLOCK


def _part(t: Translator, part: UnsyncedPart, linked: Linked) -> str:
    match part:
        case UnsyncedPart.PAST_TIME:
            return t.gettext(
                "This event is in the past, and Livestorm takes no past dates."
                " Move it to the future to have the time carried over."
            )
        case UnsyncedPart.LATER_OCCURRENCES:
            if linked.occurrence_sessions <= 0:
                return t.gettext(
                    "Only the first date is in Livestorm. The join link works for all dates."
                )
            return t.ngettext(
                "Only the next date is in Livestorm; the others follow as time goes on.",
                "Only the next {count} dates are in Livestorm; the others follow as time goes on.",
                linked.occurrence_sessions,
            )
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
        case _ as unknown:
            assert_never(unknown)
