"""The card of one event: its room, how things stand, and what to press."""

from collections.abc import Mapping
from datetime import timedelta
from typing import assert_never

from cards.errors import activate_button, sign_in_button
from cards.event_view import (
    Apart,
    ApartReason,
    EventTime,
    EventUrls,
    EventView,
    Linked,
    MissingStep,
    NoLivestorm,
    NotConnected,
    SomeoneElses,
)
from cards.linked import linked_sections
from cards.messages import Translator, message_id, translator_for
from cards.room import room_widgets
from cards.template import template_gone
from cards.widgets import (
    MAX_NAME,
    Card,
    Colour,
    Icon,
    JsonObject,
    bold,
    button,
    button_row,
    card,
    clean,
    coloured,
    labelled,
    open_link,
    paragraph,
    section,
)


def event_card(
    language: str, view: EventView, *, urls: EventUrls, logo_url: str | None = None
) -> Card:
    """The card of an opened Calendar event.

    Args:
        language: A language or a locale tag.
        view: The event.
        urls: Where the buttons lead.
        logo_url: Livestorm's logo.
    """
    t = translator_for(language)
    match view.state:
        case NoLivestorm() as state:
            sections = _without_livestorm(t, state, urls)
        case NotConnected() as state:
            sections = _not_connected(t, state, urls)
        case SomeoneElses() as state:
            sections = _someone_elses(t, state)
        case Apart() as state:
            sections = _apart(t, state, urls)
        case Linked() as state:
            sections = linked_sections(t, state, view.zone, urls)
        case _ as unknown:
            assert_never(unknown)
    return card(
        sections,
        # A name, the same in every language: the title of an event that we may not read.
        title="Livestorm" if view.title is None else event_title(t, view.title),
        subtitle=_when(t, view.time, view.zone) if view.time else None,
        logo_url=logo_url,
    )


def event_title(t: Translator, title: str) -> str:
    """`title` as a card can show it, or what stands in for an empty one."""
    return clean(title, MAX_NAME) or t.gettext("Untitled event")


def _without_livestorm(t: Translator, state: NoLivestorm, urls: EventUrls) -> list[JsonObject]:
    other = clean(state.other_solution or "", MAX_NAME)
    if other:
        how = t.gettext(
            "This event uses {solution}. To use Livestorm, edit the event, remove {solution}, then"
            " choose Livestorm under “Add video conferencing” and save.",
            solution=other,
        )
    else:
        how = t.gettext(
            "This event has no Livestorm room yet. Edit the event, choose Livestorm under"
            " “Add video conferencing” and save."
        )
    return [
        section(_first(t, state, urls)),
        # How to get a room is of no use as long as none can be made.
        section([*(() if state.template_gone else [paragraph(how)]), *_template(t, state)]),
        section([button_row([_integration_button(t, urls)])]),
    ]


def _first(t: Translator, state: NoLivestorm, urls: EventUrls) -> list[JsonObject]:
    """What is to be done before a room is made, with its button."""
    match state.missing:
        case None:
            return []
        case MissingStep.CONNECT:
            text = t.gettext(
                "You are not signed in to Livestorm yet. Sign in once, then your events can get a"
                " Livestorm room."
            )
            fix = sign_in_button(t, urls.connect) if urls.connect else None
        case MissingStep.ACTIVATE:
            text = t.gettext(
                "The Google Calendar integration is not activated: a Livestorm room can be added,"
                " but later changes and guests would not reach Livestorm. Activate it first."
            )
            fix = activate_button(t, urls.activate) if urls.activate else None
        case _ as unknown:
            assert_never(unknown)
    return [paragraph(text), *([button_row([fix])] if fix else [])]


def _template(t: Translator, state: NoLivestorm) -> list[JsonObject]:
    if state.template_title is None:
        return []
    title = bold(event_title(t, state.template_title))
    if not state.template_gone:
        top = t.gettext("It will get the settings of")
        return [labelled(title, top=top, icon=Icon.TEMPLATE)]
    advice = t.gettext(
        "Close the event, open the Livestorm panel beside your calendar, then save the ID"
        " of another Livestorm event, or empty the field and save."
    )
    return template_gone(t, title, advice)


def _not_connected(t: Translator, state: NotConnected, urls: EventUrls) -> list[JsonObject]:
    widgets = [
        paragraph(coloured(t.gettext("You are signed out of Livestorm"), Colour.BAD)),
        paragraph(
            t.gettext(
                "The join link works as before, but changes and guests of this event do not reach"
                " Livestorm until you sign in again."
            )
        ),
    ]
    if urls.connect is not None:
        widgets.append(button_row([sign_in_button(t, urls.connect)]))
    return [section(room_widgets(t, state.join_url)), section(widgets)]


def _someone_elses(t: Translator, state: SomeoneElses) -> list[JsonObject]:
    organizer = clean(state.organizer or "", MAX_NAME)
    if organizer and state.join_url is not None:
        who = t.gettext(
            "{organizer} organizes this event. Only that person can change its Livestorm room.",
            organizer=organizer,
        )
    elif organizer:
        who = t.gettext(
            "{organizer} organizes this event. Only that person can give it a Livestorm room, or"
            " change it.",
            organizer=organizer,
        )
    else:
        who = t.gettext(
            "Somebody else organizes this event. Only the organizer can give it a Livestorm room,"
            " or change it."
        )
    return [
        section(room_widgets(t, state.join_url) if state.join_url is not None else ()),
        section([labelled(who, icon=Icon.PERSON)]),
    ]


def _apart(t: Translator, state: Apart, urls: EventUrls) -> list[JsonObject]:
    headline, cause, remedy = _APART[state.why]
    return [
        section(room_widgets(t, state.join_url) if state.join_url else ()),
        section(
            [
                paragraph(coloured(t.gettext(headline), Colour.BAD)),
                paragraph(t.gettext(cause)),
                paragraph(t.gettext(remedy)),
            ]
        ),
        section([button_row([_integration_button(t, urls)])]),
    ]


# Headline, what it means, what to do.
_APART: Mapping[ApartReason, tuple[str, str, str]] = {
    ApartReason.LIVESTORM_GONE: (
        message_id("The Livestorm event was deleted"),
        message_id(
            "This event still carries a join link, but there is no room behind it any more."
        ),
        message_id(
            "For a new link, edit the event, remove the video conference, choose Livestorm again"
            " and save."
        ),
    ),
    ApartReason.ENDED: (
        message_id("No longer kept in sync"),
        message_id(
            "This event was separated from Livestorm, for example because its video conference was"
            " removed for a while. The join link leads to its room as before; changes made here do"
            " not reach Livestorm."
        ),
        message_id(
            "To keep it in sync again, edit the event, remove the video conference, choose"
            " Livestorm again and save."
        ),
    ),
    ApartReason.ANOTHER_EVENTS: (
        message_id("This room belongs to another event"),
        message_id(
            "This event is a copy, or somebody else added its room. The join link leads to that"
            " room; changes made here do not reach Livestorm."
        ),
        message_id(
            "For a room of its own, edit the event, remove the video conference, choose Livestorm"
            " again and save."
        ),
    ),
}


def _integration_button(t: Translator, urls: EventUrls) -> JsonObject:
    return button(t.gettext("Integration page"), open_link(urls.integration))


def _when(t: Translator, time: EventTime, zone: str | None) -> str:
    """The event's time: one day and two times, or two days, or two days with times."""
    if time.all_day:
        first = t.date(time.starts_at)
        # The end is the midnight after the last day, so the last day is the one before.
        last = t.date(time.ends_at - timedelta(days=1)) if time.ends_at else first
        return first if last == first else t.gettext("{start} – {end}", start=first, end=last)
    day, start = t.date(time.starts_at, zone), t.time(time.starts_at, zone)
    if time.ends_at is None or time.ends_at == time.starts_at:
        return t.gettext("{day}, {time}", day=day, time=start)
    last_day, end = t.date(time.ends_at, zone), t.time(time.ends_at, zone)
    if last_day == day:
        times = t.gettext("{start} – {end}", start=start, end=end)
        return t.gettext("{day}, {time}", day=day, time=times)
    return t.gettext(
        "{start} – {end}",
        start=t.gettext("{day}, {time}", day=day, time=start),
        end=t.gettext("{day}, {time}", day=last_day, time=end),
    )
