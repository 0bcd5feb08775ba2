"""The card that asks somebody to connect their Livestorm account."""

from cards.errors import problem_widgets, sign_in_button
from cards.messages import translator_for
from cards.problems import Problem, explain
from cards.widgets import Card, Icon, button_row, card, labelled, paragraph, section


def connect_card(
    language: str,
    *,
    connect_url: str,
    problem: Problem | None = None,
    zone: str | None = None,
    logo_url: str | None = None,
) -> Card:
    """What a person sees before they have connected Livestorm.

    Google asks such a card to say that the service is not Google's, what signing in
    unlocks, and to show an obvious button
    (developers.google.com/workspace/add-ons/guides/connect-third-party-service).

    Args:
        language: A language or a locale tag.
        connect_url: The sign-in page, with its one-use ticket.
        problem: Why an earlier connection does not count any more, if there was one.
        zone: IANA zone that times are shown in.
        logo_url: Livestorm's logo.
    """
    t = translator_for(language)
    widgets = problem_widgets(t, problem, explain(t, problem, zone)) if problem else []
    return card(
        [
            section(widgets),
            section(
                [
                    paragraph(
                        t.gettext(
                            "Livestorm is not a Google service. You sign in to it with"
                            " your Livestorm account, once."
                        )
                    ),
                    button_row([sign_in_button(t, connect_url)]),
                ]
            ),
            section(
                [
                    labelled(
                        t.gettext("Add a Livestorm room to an event, with its join link"),
                        icon=Icon.VIDEO,
                    ),
                    labelled(
                        t.gettext("Give new events the settings of one of your Livestorm events"),
                        icon=Icon.TEMPLATE,
                    ),
                    labelled(
                        t.gettext(
                            "Keep title, description, time and guests the same on both sides"
                        ),
                        icon=Icon.CLOCK,
                    ),
                ],
                header=t.gettext("Once you are signed in, you can"),
            ),
        ],
        title=t.gettext("Connect Livestorm"),
        subtitle=t.gettext("Livestorm events from your calendar"),
        logo_url=logo_url,
    )
