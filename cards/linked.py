"""What the card says of an event that has its room: how both sides stand, and its guests."""

from typing import assert_never

from cards.errors import activate_button, fixing_button, problem_widgets
from cards.event_view import (
    EventUrls,
    InSync,
    Linked,
    NotActivated,
    Pending,
    Registering,
    Stopped,
    SyncState,
)
from cards.messages import Translator, translator_for
from cards.problems import explain
from cards.room import room_widgets
from cards.unsynced import unsynced_widgets
from cards.widgets import (
    MAX_NAME,
    Colour,
    Icon,
    JsonObject,
    button,
    button_row,
    call,
    clean,
    coloured,
    is_openable,
    labelled,
    open_link,
    paragraph,
    section,
)


def linked_sections(
    t: Translator, state: Linked, zone: str | None, urls: EventUrls
) -> list[JsonObject]:
    """The sections of the card; what stands in the way comes right below the room."""
    return [
        section(room_widgets(t, state.join_url)),
        section(_sync(t, state, zone, urls)),
        section(unsynced_widgets(t, state), header=t.gettext("What is not synced")),
        section(_details(t, state)),
        section(_links(t, state, urls)),
    ]


def synced_notice(language: str, sync: SyncState | None) -> str:
    """The short sentence after "Sync now": how things stand since; None: nothing to sync."""
    t = translator_for(language)
    match sync:
        case InSync():
            return t.gettext("Google Calendar and Livestorm are in sync.")
        case Pending() | Registering():
            return t.gettext("This event is being brought up to date.")
        case _:
            return t.gettext("This event could not be synced.")


def _sync(t: Translator, state: Linked, zone: str | None, urls: EventUrls) -> list[JsonObject]:
    widgets = _standing(t, state.sync, zone)
    match state.sync:
        case NotActivated():
            # Comparing at once cannot help as long as nothing may be carried.
            fix = activate_button(t, urls.activate) if urls.activate is not None else None
        case Stopped(problem=problem):
            fix = fixing_button(
                t, problem.kind, connect_url=urls.connect, activate_url=urls.activate
            ) or _sync_button(t, urls)
        case _:
            fix = _sync_button(t, urls)
    return [*widgets, button_row([fix])] if fix is not None else widgets


def _standing(t: Translator, sync: SyncState, zone: str | None) -> list[JsonObject]:
    match sync:
        case InSync(since=since):
            moment = t.moment_with_year(since, zone)
            return [_status(t, t.gettext("In sync since {moment}", moment=moment), Colour.GOOD)]
        case Pending():
            return [
                _status(t, t.gettext("Being brought up to date"), Colour.WAITING),
                paragraph(
                    t.gettext(
                        "This usually takes less than a minute. Press “Sync now” to see how it"
                        " stands."
                    )
                ),
            ]
        case Registering(done=done, total=total):
            progress = t.ngettext(
                "Registering guests: {done} of {count}",
                "Registering guests: {done} of {count}",
                total,
                done=done,
            )
            return [
                _status(t, progress, Colour.WAITING),
                paragraph(
                    t.gettext(
                        "It goes on by itself, even if you close this panel. Press “Sync now” to"
                        " see how far it is."
                    )
                ),
            ]
        case NotActivated():
            return [
                _status(t, t.gettext("Not kept in sync"), Colour.BAD),
                paragraph(
                    t.gettext(
                        "The join link works, but changes and guests do not reach Livestorm:"
                        " the Google Calendar integration is not activated."
                    )
                ),
                paragraph(
                    t.gettext(
                        "Press “Activate with Google” and allow access to your calendar. This event"
                        " is then kept in sync as well."
                    )
                ),
            ]
        case Stopped(problem=problem):
            explanation = explain(t, problem, zone)
            colour = Colour.WAITING if explanation.passing else Colour.BAD
            return [
                _status(t, explanation.headline, colour),
                *problem_widgets(t, problem, explanation),
            ]
        case _ as unknown:
            assert_never(unknown)


def _status(t: Translator, text: str, colour: Colour) -> JsonObject:
    top = t.gettext("Google Calendar and Livestorm")
    return labelled(coloured(text, colour), top=top, icon=Icon.CLOCK)


def _sync_button(t: Translator, urls: EventUrls) -> JsonObject:
    return button(t.gettext("Sync now"), call(urls.sync))


def _details(t: Translator, state: Linked) -> list[JsonObject]:
    widgets = []
    if state.registered_guests:
        widgets.append(
            labelled(
                t.ngettext(
                    "{count} guest registered", "{count} guests registered", state.registered_guests
                ),
                top=t.gettext("Guests"),
                icon=Icon.PEOPLE,
            )
        )
    if state.template_title is not None:
        widgets.append(
            labelled(
                clean(state.template_title, MAX_NAME) or t.gettext("Untitled event"),
                top=t.gettext("Settings copied from"),
                icon=Icon.TEMPLATE,
            )
        )
    return widgets


def _links(t: Translator, state: Linked, urls: EventUrls) -> list[JsonObject]:
    buttons = []
    if state.livestorm_url is not None and is_openable(state.livestorm_url):
        buttons.append(button(t.gettext("Open in Livestorm"), open_link(state.livestorm_url)))
    if urls.history is not None:
        buttons.append(button(t.gettext("History"), open_link(urls.history)))
    buttons.append(button(t.gettext("Integration page"), open_link(urls.integration)))
    # One below the other: two labels of this length do not fit side by side in every language.
    return [button_row([each]) for each in buttons]
