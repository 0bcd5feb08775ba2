"""The widgets by which a person enters a room, or copies its link."""

from cards.messages import Translator
from cards.widgets import (
    MAX_INPUT,
    JsonObject,
    button,
    button_row,
    clean,
    is_openable,
    open_link,
    text_input,
)

JOIN_LINK_INPUT = "join_link"
"""Name of the field the join link can be copied from; its value is never read."""


def room_widgets(t: Translator, join_url: str) -> list[JsonObject]:
    """A button that joins, and the link in a field: a card has no button that copies."""
    copyable = text_input(
        JOIN_LINK_INPUT,
        label=t.gettext("Join link"),
        hint=t.gettext("To copy it, click the link, select all of it and copy"),
        value=clean(join_url, MAX_INPUT),
    )
    # The link comes from outside: one that Google would not open is still shown.
    if not is_openable(join_url):
        return [copyable]
    join = button(t.gettext("Join Livestorm"), open_link(join_url), filled=True)
    return [button_row([join]), copyable]
