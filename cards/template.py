"""The template panel: which Livestorm event new events take their settings from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from functools import lru_cache
from typing import assert_never

from cards.messages import Translator, message_id, translator_for
from cards.problems import try_again
from cards.widgets import (
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
    labelled,
    open_link,
    paragraph,
    section,
    text_input,
)

TEMPLATE_INPUT = "template_id"
"""Name of the input: the value arrives as ``formInputs.template_id``."""


@dataclass(frozen=True)
class TemplateView:
    """The event whose settings are copied: its Livestorm id and its title.

    `gone`: it was deleted or hidden since, so that no room can be made.
    """

    id: str
    title: str
    gone: bool = False


class SyncOff(Enum):
    """Why nothing of a person's events is kept in sync."""

    NOT_ACTIVATED = auto()
    """They never activated with Google, or deactivated."""
    ACCESS_LOST = auto()
    """Google has ended the access that they gave."""


class TemplateProblemKind(Enum):
    """Why the id that was typed is not the template now."""

    NOT_AN_ID = auto()
    UNKNOWN_ID = auto()
    NOT_READABLE = auto()
    LIVESTORM_DOWN = auto()
    RATE_LIMITED = auto()
    UNEXPECTED = auto()


@dataclass(frozen=True)
class TemplateProblem:
    """What was wrong with saving.

    Attributes:
        kind: Which.
        retry_at: Earliest instant at which trying again makes sense (aware).
        reference: What support needs to find an unexpected failure.
    """

    kind: TemplateProblemKind
    retry_at: datetime | None = None
    reference: str | None = None


def template_panel(
    language: str,
    *,
    save_url: str,
    integration_url: str,
    template: TemplateView | None,
    problem: TemplateProblem | None = None,
    workspace_name: str | None = None,
    typed: str | None = None,
    sign_out_url: str | None = None,
    sync_off: SyncOff | None = None,
    zone: str | None = None,
    logo_url: str | None = None,
) -> Card:
    """The panel beside the calendar, for a person who has connected Livestorm.

    Args:
        language: A language or a locale tag.
        save_url: Absolute URL of the endpoint that saves the id.
        integration_url: The integration page.
        template: The template in force, or None.
        problem: Why what was just typed was not saved.
        workspace_name: The Livestorm workspace the person is connected to.
        typed: What was typed when there is a problem, so that it can be corrected.
        sign_out_url: Absolute URL of the sign-out endpoint; makes a button.
        sync_off: Why events are not kept in sync; None when they are.
        zone: IANA zone that times are shown in.
        logo_url: Livestorm's logo.
    """
    t = translator_for(language)
    current = template.id if template else ""
    return card(
        [
            section(_problem(t, problem, template, zone) if problem else ()),
            *_usual_sections(
                language,
                save_url=save_url,
                template=template,
                shown=current if typed is None else typed,
                sync_off=sync_off,
            ),
            section(_account(t, workspace_name, integration_url, sign_out_url)),
        ],
        title="Livestorm",
        subtitle=t.gettext("Settings of your new events"),
        logo_url=logo_url,
    )


@lru_cache(maxsize=512)  # People in one language who copy one event, or none; 2 kB each.
def _usual_sections(
    language: str,
    *,
    save_url: str,
    template: TemplateView | None,
    shown: str,
    sync_off: SyncOff | None,
) -> tuple[JsonObject, ...]:
    """What the panel shows each time it is opened. Kept, so never to be changed."""
    t = translator_for(language)
    return (
        section(_sync_off(t, sync_off) if sync_off else ()),
        section(_template_in_force(t, template)),
        section(
            [
                text_input(
                    TEMPLATE_INPUT,
                    label=t.gettext("Livestorm event ID"),
                    hint=t.gettext("Paste the ID of an event, or its link"),
                    value=shown,
                ),
                button_row([button(t.gettext("SAVE THE ID"), call(save_url), filled=True)]),
                paragraph(
                    t.gettext(
                        "Once saved, the events you create with Livestorm get all the"
                        " settings of that event. You will find the ID on the event’s"
                        " dashboard in Livestorm."
                    )
                ),
                paragraph(
                    t.gettext(
                        "It stays that way, even after you close Google Calendar, until you"
                        " empty the field and save."
                    )
                ),
            ]
        ),
    )


def template_notice(language: str, template: TemplateView | None) -> str:
    """The short sentence after saving: what is in force now."""
    t = translator_for(language)
    if template is None:
        return t.gettext("Cleared. New events get Livestorm’s usual settings.")
    return t.gettext("Saved. New events get the settings of “{title}”.", title=_title(t, template))


def template_problem_notice(language: str) -> str:
    """The short sentence after a save that failed; the card says why."""
    return translator_for(language).gettext("The ID was not saved.")


def signed_out_notice(language: str) -> str:
    """The short sentence after signing out."""
    return translator_for(language).gettext("You are signed out of Livestorm.")


def _sync_off(t: Translator, why: SyncOff) -> list[JsonObject]:
    match why:
        case SyncOff.NOT_ACTIVATED:
            headline = t.gettext("Your events are not kept in sync")
            cause = t.gettext(
                "The Google Calendar integration is not activated: events get a Livestorm room,"
                " but later changes and guests do not reach Livestorm."
            )
        case SyncOff.ACCESS_LOST:
            headline = t.gettext("Google no longer gives us access")
            cause = t.gettext(
                "The access to your calendar that you gave us was withdrawn or has expired."
                " Changes and guests are not carried over any more."
            )
        case _ as unknown:
            assert_never(unknown)
    # The button is below: it opens the page without another question to the database.
    remedy = t.gettext("Open the integration page and press “Activate with Google” there.")
    return [paragraph(coloured(headline, Colour.BAD)), paragraph(cause), paragraph(remedy)]


def _template_in_force(t: Translator, template: TemplateView | None) -> list[JsonObject]:
    if template is None:
        return [
            labelled(
                t.gettext("Livestorm’s usual settings. Everyone can speak."),
                top=t.gettext("New events get"),
                icon=Icon.TEMPLATE,
            )
        ]
    title = bold(_title(t, template))
    if not template.gone:
        top = t.gettext("New events get the settings of")
        return [labelled(title, top=top, icon=Icon.TEMPLATE)]
    advice = t.gettext("Save the ID of another event, or empty the field and save.")
    return template_gone(t, title, advice)


def template_gone(t: Translator, title: str, advice: str) -> list[JsonObject]:
    """What is said of a template that Livestorm no longer shows.

    Args:
        t: Speaks the person's language.
        title: Of the Livestorm event, as markup.
        advice: Where and how to choose another one.
    """
    return [
        labelled(title, top=t.gettext("You copy the settings of"), icon=Icon.TEMPLATE),
        paragraph(coloured(t.gettext("This Livestorm event is gone"), Colour.BAD)),
        paragraph(
            t.gettext(
                "It was deleted in Livestorm, or you can no longer see it. Until you choose"
                " another, no Livestorm room can be added to your events."
            )
        ),
        paragraph(advice),
    ]


def _account(
    t: Translator, workspace_name: str | None, integration_url: str, sign_out_url: str | None
) -> list[JsonObject]:
    widgets = []
    if workspace_name:
        widgets.append(
            labelled(workspace_name, top=t.gettext("Livestorm workspace"), icon=Icon.WORKSPACE)
        )
    buttons = [button(t.gettext("Integration page"), open_link(integration_url))]
    if sign_out_url is not None:
        buttons.append(button(t.gettext("Sign out"), call(sign_out_url)))
    widgets.append(button_row(buttons))
    return widgets


def _problem(
    t: Translator, problem: TemplateProblem, template: TemplateView | None, zone: str | None
) -> list[JsonObject]:
    cause, remedy = _explain(t, problem, zone)
    widgets = [paragraph(coloured(cause, Colour.BAD))]
    # Of one that is gone, the section below says what it means.
    if template is None or not template.gone:
        widgets.append(paragraph(_what_stays(t, template)))
    widgets.append(paragraph(remedy))
    if problem.reference:
        widgets.append(labelled(problem.reference, top=t.gettext("Reference for support")))
    return widgets


def _what_stays(t: Translator, template: TemplateView | None) -> str:
    if template is None:
        return t.gettext("Nothing was changed: new events still get Livestorm’s usual settings.")
    return t.gettext(
        "Nothing was changed: new events still get the settings of “{title}”.",
        title=_title(t, template),
    )


def _title(t: Translator, template: TemplateView) -> str:
    return clean(template.title, MAX_NAME) or t.gettext("Untitled event")


def _explain(t: Translator, problem: TemplateProblem, zone: str | None) -> tuple[str, str]:
    """The cause and what to do."""
    cause, remedy = _WORDS[problem.kind]
    return (
        t.gettext(cause),
        try_again(t, problem.retry_at, zone) if remedy is None else t.gettext(remedy),
    )


_WAIT = None
"""In place of what to do: waiting is all there is, so `try_again` says it."""

# The cause, and what to do.
_WORDS: Mapping[TemplateProblemKind, tuple[str, str | None]] = {
    TemplateProblemKind.NOT_AN_ID: (
        message_id("This is not the ID of a Livestorm event."),
        message_id(
            "Open the event in Livestorm, copy the ID from its dashboard, and paste it"
            " below. The event’s link works as well."
        ),
    ),
    TemplateProblemKind.UNKNOWN_ID: (
        message_id("Livestorm has no event with this ID in your workspace."),
        message_id("Check that the ID is complete and that the event still exists."),
    ),
    TemplateProblemKind.NOT_READABLE: (
        message_id("Livestorm does not let you see this event."),
        message_id("Ask its owner to add you to the event’s team, or choose another event."),
    ),
    TemplateProblemKind.LIVESTORM_DOWN: (
        message_id("Livestorm did not answer, so we could not check this ID."),
        _WAIT,
    ),
    TemplateProblemKind.RATE_LIMITED: (
        message_id("Livestorm asks us to wait before we can check this ID."),
        _WAIT,
    ),
    TemplateProblemKind.UNEXPECTED: (
        message_id("We could not save this ID because of an error on our side."),
        message_id("Please try again. If it happens again, contact support."),
    ),
}
