"""What holds for every card in every state and language."""

import json
import re

import pytest

from cards.messages import LANGUAGES
from tests.cards.google_messages import buttons_of, parse_card, texts_of, widgets_of
from tests.cards.samples import BASE, Sample, samples

ALL = [
    pytest.param(sample, language, id=f"{name} [{language}]")
    for name, sample in samples()
    for language in LANGUAGES
]

# Words of the trade that a person who organizes a webinar need not know.
JARGON = re.compile(
    r"\b(API|OAuth|token|jeton|HTTP|[45]\d\d|webhook|scope|null|None|session|payload|timeout"
    r"|rate limit|endpoint|server|serveur|cache|database|sync error|synch?ro)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize(("sample", "language"), ALL)
class TestEveryCard:
    def test_is_taken_by_google(self, sample: Sample, language: str) -> None:
        parse_card(sample(language))

    def test_is_plain_json(self, sample: Sample, language: str) -> None:
        card = sample(language)
        assert json.loads(json.dumps(card)) == card

    def test_buttons_call_and_open_what_they_should(self, sample: Sample, language: str) -> None:
        for button in buttons_of(sample(language)):
            on_click = button["onClick"]
            if "action" in on_click:
                assert on_click["action"]["function"].startswith(f"{BASE}/addon/")
            else:
                assert on_click["openLink"]["openAs"] in {"FULL_SIZE", "OVERLAY"}

    def test_signing_in_happens_over_the_calendar(self, sample: Sample, language: str) -> None:
        for button in buttons_of(sample(language)):
            link = button["onClick"].get("openLink", {})
            if "/livestorm/connect" in link.get("url", "") or "/google/" in link.get("url", ""):
                assert (link["openAs"], link["onClose"]) == ("OVERLAY", "RELOAD")

    def test_has_at_most_one_filled_button_in_a_group(self, sample: Sample, language: str) -> None:
        for section in sample(language)["sections"]:
            filled = [
                button["text"]
                for widget in section["widgets"]
                for button in widget.get("buttonList", {}).get("buttons", ())
                if button["type"] == "FILLED"
            ]
            assert len(filled) <= 1

    def test_speaks_plainly(self, sample: Sample, language: str) -> None:
        for text in texts_of(sample(language)):
            assert not JARGON.search(text), text

    def test_leaves_no_place_unfilled(self, sample: Sample, language: str) -> None:
        for text in texts_of(sample(language)):
            assert not re.search("[{}]", text), text

    def test_labels_are_never_cut_off(self, sample: Sample, language: str) -> None:
        for button in buttons_of(sample(language)):
            assert len(button["text"]) <= 25, button["text"]
        for widget in widgets_of(sample(language)):
            # Google cuts these two to one line of the 300 px panel.
            decorated = widget.get("decoratedText", {})
            for label in ("topLabel", "bottomLabel"):
                assert len(decorated.get(label, "")) <= 45, decorated


def test_every_text_differs_between_the_languages() -> None:
    """A text that is the same in French is a name, an address, or was never translated."""
    names = {"Livestorm", "Acme", "Title is too long", "7f3a9c", "<b>Product webinar</b>"}
    names |= {"Product webinar", "Weekly & monthly <review>", "sam@acme.test"}
    for name, sample in samples():
        for english, french in zip(texts_of(sample("en")), texts_of(sample("fr")), strict=True):
            if english in names:
                assert french == english
            else:
                assert english != french, name
