"""The card that stands in for what could not be shown, and the buttons that help."""

from cards.messages import Translator, translator_for
from cards.problems import Explanation, Problem, ProblemKind
from cards.widgets import (
    Card,
    JsonObject,
    OpenAs,
    button,
    card,
    clean,
    labelled,
    open_link,
    paragraph,
    section,
)

MAX_DETAIL = 300
"""Characters of Livestorm's own words: about six lines of the panel."""


def error_card(language: str, *, reference: str | None = None, logo_url: str | None = None) -> Card:
    """The card for a request that failed because of a defect of ours.

    Args:
        language: A language or a locale tag.
        reference: What support needs to find the failure in the logs.
        logo_url: Livestorm's logo.
    """
    t = translator_for(language)
    widgets = [
        paragraph(
            t.gettext(
                "We could not show this because of an error on our side. Your events are as they"
                " were."
            )
        ),
        paragraph(
            t.gettext("Please close this panel and open it again. If it fails, contact support.")
        ),
    ]
    if reference:
        widgets.append(labelled(reference, top=t.gettext("Reference for support")))
    return card(
        [section(widgets)], title=t.gettext("Something went wrong on our side"), logo_url=logo_url
    )


def problem_widgets(t: Translator, problem: Problem, explanation: Explanation) -> list[JsonObject]:
    """The cause, Livestorm's own words if any, what it means for the event, what to do."""
    widgets = [paragraph(explanation.cause)]
    if problem.detail:
        widgets.append(
            labelled(clean(problem.detail, MAX_DETAIL), top=t.gettext("Livestorm’s answer"))
        )
    return [*widgets, paragraph(explanation.meaning), paragraph(explanation.remedy)]


def fixing_button(
    t: Translator,
    kind: ProblemKind,
    *,
    connect_url: str | None,
    activate_url: str | None,
) -> JsonObject | None:
    """The button that solves a problem of this kind, where a button can."""
    if kind is ProblemKind.LIVESTORM_ACCESS_LOST and connect_url is not None:
        return sign_in_button(t, connect_url)
    if kind is ProblemKind.GOOGLE_ACCESS_LOST and activate_url is not None:
        return activate_button(t, activate_url)
    return None


def sign_in_button(t: Translator, connect_url: str) -> JsonObject:
    """Opens the sign-in window over Calendar, which runs the add-on again once it closes."""
    return button(
        t.gettext("Sign in to Livestorm"),
        open_link(connect_url, open_as=OpenAs.OVERLAY, reload_on_close=True),
        filled=True,
    )


def activate_button(t: Translator, activate_url: str) -> JsonObject:
    """Opens Google's consent over Calendar, which runs the add-on again once it closes."""
    return button(
        t.gettext("Activate with Google"),
        open_link(activate_url, open_as=OpenAs.OVERLAY, reload_on_close=True),
        filled=True,
    )
