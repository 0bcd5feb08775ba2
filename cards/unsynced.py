"""What of an event is not the same on both sides, and why, in words."""

from itertools import groupby
from typing import assert_never

from cards.event_view import GuestReason, Linked, UnsyncedGuest, UnsyncedPart
from cards.messages import Translator
from cards.widgets import MAX_NAME, Icon, JsonObject, clean, labelled

MAX_NAMED_GUESTS = 5
"""Addresses named for one reason: the panel stays readable, the page lists them all."""


def unsynced_widgets(t: Translator, linked: Linked) -> list[JsonObject]:
    """One widget for each part that is not carried, then one for each reason with its guests."""
    parts = [
        labelled(_part(t, part, linked), top=_part_name(t, part), icon=_part_icon(part))
        for part in UnsyncedPart
        if part in linked.unsynced_parts
    ]
    order = list(GuestReason)
    guests = sorted(linked.unsynced_guests, key=lambda guest: order.index(guest.reason))
    return parts + [
        _guests(t, reason, list(group), linked.guest_limit)
        for reason, group in groupby(guests, key=lambda guest: guest.reason)
    ]


def _guests(
    t: Translator, reason: GuestReason, guests: list[UnsyncedGuest], limit: int
) -> JsonObject:
    named = ", ".join(clean(guest.email, MAX_NAME) for guest in guests[:MAX_NAMED_GUESTS])
    more = len(guests) - MAX_NAMED_GUESTS
    if more > 0:
        who = t.ngettext("{names} and {count} more", "{names} and {count} more", more, names=named)
    else:
        who = named
    # The reason stands first: it must survive whatever the addresses are like.
    return labelled(
        t.gettext("{reason} {guests}", reason=_guest_reason(t, reason, limit), guests=who),
        top=t.ngettext(
            "{count} guest not registered", "{count} guests not registered", len(guests)
        ),
        icon=Icon.PEOPLE,
    )


def _guest_reason(t: Translator, reason: GuestReason, limit: int) -> str:
    match reason:
        case GuestReason.GROUP_ADDRESS:
            return t.gettext(
                "This is a group address, and a join link is for one person."
                " Invite the people of the group one by one:"
            )
        case GuestReason.OVER_LIMIT:
            return t.ngettext(
                "Only the first guest is registered from Google Calendar."
                " Register the others in Livestorm:",
                "Only the first {count} guests are registered from Google Calendar."
                " Register the others in Livestorm:",
                limit,
            )
        case GuestReason.REFUSED:
            return t.gettext(
                "Livestorm did not accept the address. Check it, or register the person"
                " in Livestorm:"
            )
        case GuestReason.ANONYMOUS:
            return t.gettext(
                "This Livestorm event needs no registration: everyone enters with the join link."
                " Nothing to do for:"
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
                    "Only the first date is in Livestorm. The join link works for all."
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
