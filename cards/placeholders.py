"""Words that stand in for what nobody has written yet."""

from cards.messages import LANGUAGES, translator_for


def placeholder_title(language: str) -> str:
    """The title that a Livestorm event gets whose Calendar event has none."""
    return translator_for(language).gettext("Untitled event")


def placeholder_titles() -> frozenset[str]:
    """That title in every language: whoever made the room may have another than its reader."""
    return frozenset(placeholder_title(language) for language in LANGUAGES)
