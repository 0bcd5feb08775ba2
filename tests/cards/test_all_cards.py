"""What holds for every card in every state and language."""

import json
import re
from functools import cache

import pytest

from cards import Card
from cards.messages import LANGUAGES
from tests.cards.google_messages import buttons_of, parse_card, texts_of, widgets_of
from tests.cards.samples import BASE, samples

# Words of the trade that a person who organizes a webinar need not know.
JARGON = re.compile(
    r"\b(API|OAuth|token|jeton|HTTP|[45]\d\d|webhook|scope|null|None|session|payload|timeout"
    r"|rate limit|endpoint|server|serveur|cache|database|sync error|synch?ro)\b",
    re.IGNORECASE,
)


@cache
def cards_in(language: str) -> list[tuple[str, Card]]:
    """Name and card of every sample."""
    return [(name, sample(language)) for name, sample in samples()]


@pytest.mark.parametrize("language", LANGUAGES)
class TestEveryCard:
    def test_is_taken_by_google(self, language: str) -> None:
        for _, card in cards_in(language):
            parse_card(card)

    def test_is_plain_json(self, language: str) -> None:
        for name, card in cards_in(language):
            assert json.loads(json.dumps(card)) == card, name

    def test_buttons_call_and_open_what_they_should(self, language: str) -> None:
        for name, card in cards_in(language):
            for button in buttons_of(card):
                on_click = button["onClick"]
                if "action" in on_click:
                    assert on_click["action"]["function"].startswith(f"{BASE}/addon/"), name
                else:
                    assert on_click["openLink"]["openAs"] in {"FULL_SIZE", "OVERLAY"}, name

    def test_signing_in_happens_over_the_calendar(self, language: str) -> None:
        for name, card in cards_in(language):
            for button in buttons_of(card):
                link = button["onClick"].get("openLink", {})
                if "/livestorm/connect" in link.get("url", "") or "/google/" in link.get("url", ""):
                    assert (link["openAs"], link["onClose"]) == ("OVERLAY", "RELOAD"), name

    def test_has_at_most_one_filled_button_in_a_group(self, language: str) -> None:
        for name, card in cards_in(language):
            for section in card["sections"]:
                filled = [
                    button["text"]
                    for widget in section["widgets"]
                    for button in widget.get("buttonList", {}).get("buttons", ())
                    if button["type"] == "FILLED"
                ]
                assert len(filled) <= 1, name

    def test_speaks_plainly(self, language: str) -> None:
        for name, card in cards_in(language):
            for text in texts_of(card):
                assert not JARGON.search(text), f"{name}: {text}"

    def test_leaves_no_place_unfilled(self, language: str) -> None:
        for name, card in cards_in(language):
            for text in texts_of(card):
                assert not re.search("[{}]", text), f"{name}: {text}"

    def test_labels_are_never_cut_off(self, language: str) -> None:
        for name, card in cards_in(language):
            for button in buttons_of(card):
                assert len(button["text"]) <= 25, f"{name}: {button['text']}"
            for widget in widgets_of(card):
                # Google cuts these two to one line of the 300 px panel.
                decorated = widget.get("decoratedText", {})
                for label in ("topLabel", "bottomLabel"):
                    assert len(decorated.get(label, "")) <= 45, f"{name}: {decorated}"


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "en"])
def test_every_text_differs_from_english(language: str) -> None:
    """A text that is the same in another language is a name, an address, or not translated."""
    names = {"Livestorm", "Acme", "Title is too long", "7f3a9c", "<b>Product webinar</b>"}
    names |= {"Product webinar", "Weekly & monthly <review>", "sam@acme.test"}
    for (name, card), (_, translated) in zip(cards_in("en"), cards_in(language), strict=True):
        for english, other in zip(texts_of(card), texts_of(translated), strict=True):
            if english in names:
                assert other == english
            else:
                assert english != other, name
