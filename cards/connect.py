"""The card that asks somebody to connect their Livestorm account."""

from cards.errors import sign_in_button
from cards.messages import translator_for
from cards.widgets import (
    Card,
    Colour,
    Icon,
    button_row,
    card,
    coloured,
    labelled,
    paragraph,
    section,
)


def connect_card(
    language: str,
    *,
    connect_url: str,
    lost: bool = False,
    logo_url: str | None = None,
) -> Card:
    """What a person sees before they have connected Livestorm.

    Google asks such a card to say that the service is not Google's, what signing in
    unlocks, and to show an obvious button
    (developers.google.com/workspace/add-ons/guides/connect-third-party-service).

    Args:
        language: A language or a locale tag.
        connect_url: The sign-in page, with its one-use ticket.
        lost: There was a connection, which Livestorm no longer accepts.
        logo_url: Livestorm's logo.
    """
    t = translator_for(language)
    widgets = []
    if lost:
        widgets = [
            paragraph(coloured(t.gettext("Livestorm has signed you out"), Colour.BAD)),
            paragraph(
                t.gettext(
                    "Livestorm no longer accepts the access that you gave us. Your events and"
                    " their join links stay, but changes and guests do not reach Livestorm until"
                    " you sign in again."
                )
            ),
        ]
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
