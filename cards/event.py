"""The card of one event: its room, how things stand, and what to press."""

from datetime import timedelta
from typing import assert_never

from cards.errors import (
    activate_button,
    fixing_button,
    problem_widgets,
    sign_in_button,
)
from cards.event_view import (
    EventTime,
    EventUrls,
    EventView,
    InSync,
    Linked,
    NoLivestorm,
    NotActivated,
    NotConnected,
    Pending,
    SomeoneElses,
    Stopped,
)
from cards.messages import Translator, translator_for
from cards.problems import explain
from cards.unsynced import unsynced_widgets
from cards.widgets import (
    MAX_INPUT,
    MAX_NAME,
    Card,
    Colour,
    Icon,
    JsonObject,
    bold,
    button,
    button_row,
    call,
    card,
    clean,
    coloured,
    is_openable,
    labelled,
    open_link,
    paragraph,
    section,
    text_input,
)

JOIN_LINK_INPUT = "join_link"
"""Name of the field the join link can be copied from; its value is never read."""


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
        case Linked() as state:
            sections = _linked(t, state, view.zone, urls)
        case _ as unknown:
            assert_never(unknown)
    return card(
        sections,
        title=_title(t, view.title),
        subtitle=_when(t, view.time, view.zone) if view.time else None,
        logo_url=logo_url,
    )


def synced_notice(language: str, view: EventView) -> str:
    """The short sentence after "Sync now": how things stand since."""
    t = translator_for(language)
    match view.state:
        case Linked(sync=InSync()):
            return t.gettext("Google Calendar and Livestorm are in sync.")
        case Linked(sync=Pending()):
            return t.gettext("The changes are on their way.")
        case _:
            return t.gettext("This event could not be synced.")


def _without_livestorm(t: Translator, state: NoLivestorm, urls: EventUrls) -> list[JsonObject]:
    other = clean(state.other_solution or "", MAX_NAME)
    if other:
        how = t.gettext(
            "This event uses {solution}. To use Livestorm, remove it from the event, then choose"
            " Livestorm under “Add video conferencing” and save.",
            solution=other,
        )
    else:
        how = t.gettext(
            "This event has no Livestorm room yet. Edit the event, choose Livestorm under"
            " “Add video conferencing” and save."
        )
    widgets = [paragraph(how)]
    if state.template_title is not None:
        widgets.append(
            labelled(
                bold(_title(t, state.template_title)),
                top=t.gettext("It will get the settings of"),
                icon=Icon.TEMPLATE,
            )
        )
    return [
        section(widgets),
        section([button_row([_integration_button(t, urls)])]),
    ]


def _not_connected(t: Translator, state: NotConnected, urls: EventUrls) -> list[JsonObject]:
    widgets = [
        paragraph(
            t.gettext(
                "You are not signed in to Livestorm, so we cannot show the Livestorm side"
                " of this event."
            )
        )
    ]
    if urls.connect is not None:
        widgets.append(button_row([sign_in_button(t, urls.connect)]))
    return [section(_join(t, state.join_url)), section(widgets)]


def _someone_elses(t: Translator, state: SomeoneElses) -> list[JsonObject]:
    organizer = clean(state.organizer or "", MAX_NAME)
    if organizer:
        who = t.gettext(
            "{organizer} organizes this event. Only that person can change its Livestorm room.",
            organizer=organizer,
        )
    else:
        who = t.gettext(
            "Somebody else organizes this event. Only the organizer can change its Livestorm room."
        )
    return [
        section(_join(t, state.join_url)),
        section([labelled(who, icon=Icon.PERSON)]),
    ]


def _linked(t: Translator, state: Linked, zone: str | None, urls: EventUrls) -> list[JsonObject]:
    return [
        section(_join(t, state.join_url)),
        section(_sync(t, state, zone, urls)),
        section(_details(t, state)),
        section(unsynced_widgets(t, state), header=t.gettext("What is not synced")),
        section(_links(t, urls)),
    ]


def _join(t: Translator, join_url: str | None) -> list[JsonObject]:
    if join_url is None:
        return []
    copyable = text_input(
        JOIN_LINK_INPUT,
        label=t.gettext("Join link"),
        hint=t.gettext("Select the link to copy it"),
        value=clean(join_url, MAX_INPUT),
    )
    # The link comes from outside: one that Google would not open is still shown.
    if not is_openable(join_url):
        return [copyable]
    join = button(t.gettext("Join Livestorm"), open_link(join_url), filled=True)
    return [button_row([join]), copyable]


def _sync(t: Translator, state: Linked, zone: str | None, urls: EventUrls) -> list[JsonObject]:
    buttons = []
    match state.sync:
        case InSync(since=since):
            widgets = [
                _status(
                    t,
                    coloured(
                        t.gettext("In sync since {moment}", moment=t.moment_with_year(since, zone)),
                        Colour.GOOD,
                    ),
                )
            ]
        case Pending():
            widgets = [
                _status(t, coloured(t.gettext("A change is on its way"), Colour.WAITING)),
                paragraph(t.gettext("This usually takes less than a minute.")),
            ]
        case NotActivated():
            widgets = [
                _status(t, coloured(t.gettext("Not kept in sync"), Colour.BAD)),
                paragraph(
                    t.gettext(
                        "The join link works, but changes and guests do not reach Livestorm:"
                        " the Google Calendar integration is not activated."
                    )
                ),
            ]
            if urls.activate is not None:
                buttons.append(activate_button(t, urls.activate))
        case Stopped(problem=problem):
            explanation = explain(t, problem, zone)
            widgets = [
                _status(t, coloured(explanation.headline, Colour.BAD)),
                *problem_widgets(t, problem, explanation),
            ]
            fix = fixing_button(
                t, problem.kind, connect_url=urls.connect, activate_url=urls.activate
            )
            if fix is not None:
                buttons.append(fix)
        case _ as unknown:
            assert_never(unknown)
    # Comparing at once cannot help as long as nothing may be carried.
    if not isinstance(state.sync, NotActivated):
        buttons.append(button(t.gettext("Sync now"), call(urls.sync)))
    if state.livestorm_url is not None and is_openable(state.livestorm_url):
        buttons.append(button(t.gettext("Open in Livestorm"), open_link(state.livestorm_url)))
    # One below the other: two labels of this length do not fit side by side in every language.
    return widgets + [button_row([each]) for each in buttons]


def _status(t: Translator, text: str) -> JsonObject:
    return labelled(text, top=t.gettext("Google Calendar and Livestorm"), icon=Icon.CLOCK)


def _details(t: Translator, state: Linked) -> list[JsonObject]:
    widgets = []
    if state.template_title is not None:
        widgets.append(
            labelled(
                _title(t, state.template_title),
                top=t.gettext("Settings copied from"),
                icon=Icon.TEMPLATE,
            )
        )
    if state.registered_guests is not None:
        widgets.append(
            labelled(
                t.ngettext(
                    "{count} guest registered", "{count} guests registered", state.registered_guests
                ),
                top=t.gettext("Guests"),
                icon=Icon.PEOPLE,
            )
        )
    return widgets


def _links(t: Translator, urls: EventUrls) -> list[JsonObject]:
    buttons = [_integration_button(t, urls)]
    if urls.history is not None:
        buttons.insert(0, button(t.gettext("History"), open_link(urls.history)))
    return [button_row(buttons)]


def _integration_button(t: Translator, urls: EventUrls) -> JsonObject:
    return button(t.gettext("Integration page"), open_link(urls.integration))


def _title(t: Translator, title: str | None) -> str:
    return clean(title or "", MAX_NAME) or t.gettext("Untitled event")


def _when(t: Translator, time: EventTime, zone: str | None) -> str:
    """The event's time: one day and two times, or two days, or two days with times."""
    if time.all_day:
        first = t.date(time.starts_at)
        # The end is the midnight after the last day, so the last day is the one before.
        last = t.date(time.ends_at - timedelta(days=1)) if time.ends_at else first
        return first if last == first else t.gettext("{start} – {end}", start=first, end=last)
    day, start = t.date(time.starts_at, zone), t.time(time.starts_at, zone)
    if time.ends_at is None:
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
