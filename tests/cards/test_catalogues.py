"""The catalogues are complete: nothing untranslated, doubtful, unused or ill-formed."""

import re
from string import Formatter

import pytest
from babel.messages import Catalog

from cards.messages import LANGUAGES
from tests.cards.catalogues import TEMPLATE, TRANSLATED, extracted, ids, read, translated

HOW = "the docstring of cards/messages.py says how to bring the catalogues up to date"


def _forms(value: object) -> tuple[str, ...]:
    """The forms of a message, one unless it has plurals; "" where a translation is missing."""
    return tuple(str(form or "") for form in (value if isinstance(value, tuple) else (value,)))


def _strings(catalogue: Catalog) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Each message's source forms and translated forms."""
    return [(_forms(message.id), _forms(message.string)) for message in catalogue if message.id]


def _places(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def test_english_french_german_and_spanish_are_spoken() -> None:
    assert LANGUAGES == ("en", "de", "es", "fr")


def test_the_template_holds_what_the_source_asks_for() -> None:
    assert ids(read(TEMPLATE)) == extracted(), HOW


def test_the_extraction_sees_all_three_ways_of_naming_a_message() -> None:
    assert {
        "SAVE THE ID",
        "Livestorm is not answering",
        ("{count} guest registered", "{count} guests registered"),
    } <= extracted()


@pytest.mark.parametrize("language", TRANSLATED)
class TestCatalogue:
    def test_holds_the_messages_of_the_source_and_no_other(self, language: str) -> None:
        catalogue = translated(language)
        assert ids(catalogue) == extracted(), HOW
        assert not catalogue.obsolete, HOW

    def test_translates_every_form_of_every_message(self, language: str) -> None:
        catalogue = translated(language)
        for source, target in _strings(catalogue):
            assert len(target) == (catalogue.num_plurals if len(source) > 1 else 1), source
            assert all(target), source

    def test_has_no_doubtful_translation(self, language: str) -> None:
        assert [message.id for message in translated(language) if message.fuzzy] == []

    def test_fills_the_same_places_as_the_source(self, language: str) -> None:
        for source, target in _strings(translated(language)):
            allowed = {tuple(_places(form)) for form in source}
            for form in target:
                assert tuple(_places(form)) in allowed, source

    def test_is_no_copy_of_the_source(self, language: str) -> None:
        same = {source[0] for source, target in _strings(translated(language)) if source == target}
        # What is only places and punctuation may well be the same.
        assert {text for text in same if re.search("[a-z]", re.sub("{.*?}", "", text))} == set()

    def test_carries_no_markup(self, language: str) -> None:
        for _, target in _strings(translated(language)):
            assert not [form for form in target if re.search("[<>&]", form)]


def test_french_is_set_as_french_is_set() -> None:
    for source, target in _strings(translated("fr")):
        for form in target:
            assert "'" not in form, f"the apostrophe is ’: {source}"
            assert not re.search("[^\u202f][;!?]", form), f"U+202F before ; ! ?: {source}"
            assert not re.search("[^\u00a0]:", form), f"U+00A0 before a colon: {source}"
            assert not re.search("«[^\u00a0]|[^\u00a0]»", form), f"U+00A0 inside « »: {source}"
            assert not re.search('["“”]', form), f"quotes are « »: {source}"


def test_french_never_says_tu() -> None:
    for source, target in _strings(translated("fr")):
        for form in target:
            assert not re.search(r"(?i)\b(tu|toi|ton|tes)\b", form), source


def test_german_is_set_as_german_is_set() -> None:
    for source, target in _strings(translated("de")):
        for form in target:
            assert "'" not in form, f"the apostrophe is ’: {source}"
            assert not re.search('["”«»]', form), f"quotes are „…“: {source}"
            assert form.count("„") == form.count("“"), source


def test_german_never_says_du() -> None:
    for source, target in _strings(translated("de")):
        for form in target:
            assert not re.search(r"(?i)\b(du|dich|dir|dein\w*)\b", form), source


def test_spanish_is_set_as_spanish_is_set() -> None:
    for source, target in _strings(translated("es")):
        for form in target:
            assert not re.search("[\"'“”„]", form), f"quotes are «…»: {source}"
            assert form.count("?") == form.count("¿"), source
            assert form.count("!") == form.count("¡"), source


def test_spanish_never_says_tu() -> None:
    for source, target in _strings(translated("es")):
        for form in target:
            assert not re.search(r"(?i)\b(tú|tu|tus|ti|te)\b", form), source


def test_english_sets_its_quotes_and_apostrophes() -> None:
    for message in extracted():
        for form in message if isinstance(message, tuple) else (message,):
            assert not re.search("[\"']", form), form
