"""Words that stand in for what nobody has written yet."""

from cards.messages import translator_for


def placeholder_title(language: str) -> str:
    """The title that a Livestorm event gets whose Calendar event has none."""
    return translator_for(language).gettext("Untitled event")
