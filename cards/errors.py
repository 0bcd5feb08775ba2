"""The card that stands in for what could not be shown, and the buttons that help."""

from cards.messages import Translator, translator_for
from cards.problems import Explanation, Problem, ProblemKind, explain
from cards.widgets import (
    Card,
    JsonObject,
    OpenAs,
    button,
    button_row,
    call,
    card,
    clean,
    labelled,
    open_link,
    paragraph,
    section,
)

MAX_DETAIL = 300
"""Characters of Livestorm's own words: about six lines of the panel."""


MAX_DETAIL = 300
"""Characters of Livestorm's own words: about six lines of the panel."""


def error_card(
    language: str,
    problem: Problem,
    *,
    retry_url: str | None = None,
    connect_url: str | None = None,
    activate_url: str | None = None,
    zone: str | None = None,
    logo_url: str | None = None,
) -> Card:
    """The card for a request that could not be served.

    Args:
        language: A language or a locale tag.
        problem: What went wrong.
        retry_url: Absolute URL that does the same again; makes a "Try again" button.
        connect_url: Where to connect Livestorm; used when that is the way out.
        activate_url: Where to activate with Google; used when that is the way out.
        zone: IANA zone that times are shown in; without it, their own.
        logo_url: Image beside the title.
    """
    t = translator_for(language)
    explanation = explain(t, problem, zone)
    fix = fixing_button(t, problem.kind, connect_url=connect_url, activate_url=activate_url)
    buttons = [fix] if fix else []
    if retry_url is not None and fix is None:
        buttons = [button(t.gettext("Try again"), call(retry_url), filled=True)]
    widgets = problem_widgets(t, problem, explanation)
    if buttons:
        widgets.append(button_row(buttons))
    return card([section(widgets)], title=explanation.headline, logo_url=logo_url)


def problem_widgets(t: Translator, problem: Problem, explanation: Explanation) -> list[JsonObject]:
    """The cause, Livestorm's own words and the reference if any, then what to do."""
    widgets = [paragraph(explanation.cause)]
    if problem.detail:
        widgets.append(
            labelled(clean(problem.detail, MAX_DETAIL), top=t.gettext("Livestorm’s answer"))
        )
    widgets.append(paragraph(explanation.remedy))
    if problem.reference:
        widgets.append(labelled(problem.reference, top=t.gettext("Reference for support")))
    return widgets


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
