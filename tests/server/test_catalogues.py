"""The words of the pages are complete: nothing untranslated, doubtful, unused or ill-formed."""

import re
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from server.browser.pages import CATALOGUES, LANGUAGES

TRANSLATED = [language for language in LANGUAGES if language != "en"]
SAME = {"Google Calendar", "in Livestorm: %(moment)s", "%(num)d minute", "%(num)d minutes"}
"""Phrases that a language writes as English does: a product's name, a word in common."""

HOW = "run `make messages`, then translate what is new"


def extracted() -> set[str]:
    """The message ids in templates and views."""
    methods = [("**.py", "python"), ("templates/**.html", "jinja2")]
    found = [message[2] for message in extract_from_dir(CATALOGUES.parent, method_map=methods)]
    return {form for message in found for form in forms(message)}


def forms(message: object) -> tuple[str, ...]:
    """The forms of a message: one, unless it has plurals."""
    several = message if isinstance(message, (list, tuple)) else (message,)
    return tuple(str(form or "") for form in several)


def read(path: Path, language: str | None = None) -> Catalog:
    with path.open("rb") as source:
        return read_po(source, locale=language, abort_invalid=True)


def translated(language: str) -> Catalog:
    return read(CATALOGUES / language / "LC_MESSAGES" / "pages.po", language)


def strings(catalogue: Catalog) -> dict[str, str]:
    """Form of a message → its translation; languages with two forms, as English has."""
    return {
        source: target
        for message in catalogue
        if message.id
        for source, target in zip(
            forms(message.id), forms(message.string or [""] * len(forms(message.id))), strict=True
        )
    }


def places(text: str) -> list[str]:
    return sorted(re.findall(r"%\(\w+\)[sd]", text))


def test_four_languages_are_spoken() -> None:
    assert set(LANGUAGES) == {"en", "fr", "de", "es"}


def test_the_template_holds_what_the_pages_ask_for() -> None:
    assert set(strings(read(CATALOGUES / "pages.pot"))) == extracted(), HOW
    assert "Livestorm is connected" in extracted()


def test_every_text_of_a_page_can_be_translated() -> None:
    """What stands between tags goes through gettext; names and signs need not."""
    for template in (CATALOGUES.parent / "templates").glob("*.html"):
        code = r"{% block kind %}.*?{% endblock %}|{%.*?%}|{{.*?}}|{#.*?#}|<[^>]*>"
        source = re.sub(f"(?s){code}", " ", template.read_text())
        words = re.findall(r"[A-Za-z]{3,}", source.replace("Livestorm", ""))
        assert words == [], template.name


@pytest.mark.parametrize("language", TRANSLATED)
class TestCatalogue:
    def test_holds_the_messages_of_the_pages_and_no_other(self, language: str) -> None:
        catalogue = translated(language)
        assert set(strings(catalogue)) == extracted(), HOW
        assert not catalogue.obsolete, HOW

    def test_translates_every_message_otherwise_than_the_source(self, language: str) -> None:
        same = {source for source, target in strings(translated(language)).items() if not target}
        assert same == set()
        copied = {
            source for source, target in strings(translated(language)).items() if source == target
        }
        # A single word may be the same.
        assert {text for text in copied if " " in text} <= SAME

    def test_has_no_doubtful_translation(self, language: str) -> None:
        doubtful = [message.id for message in translated(language) if message.id and message.fuzzy]
        assert doubtful == []

    def test_fills_the_same_places_as_the_source(self, language: str) -> None:
        for source, target in strings(translated(language)).items():
            assert places(source) == places(target), source

    def test_carries_no_markup(self, language: str) -> None:
        assert not [
            text for text in strings(translated(language)).values() if re.search("[<>&]", text)
        ]


def test_french_is_set_as_french_is_set() -> None:
    for source, target in strings(translated("fr")).items():
        assert "'" not in target, f"the apostrophe is ’: {source}"
        assert not re.search("[^\u202f][;!?]", target), f"U+202F before ; ! ?: {source}"
        assert not re.search("[^\u00a0]:", target), f"U+00A0 before a colon: {source}"
        assert not re.search("«[^\u00a0]|[^\u00a0]»", target), f"U+00A0 inside « »: {source}"
        assert not re.search('["“”]', target), f"quotes are « »: {source}"
        assert not re.search(r"(?i)\b(tu|toi|ton|tes)\b", target), f"one says vous: {source}"


def test_german_is_set_as_german_is_set() -> None:
    for source, target in strings(translated("de")).items():
        assert not re.search("[\"'”«»]", target), f"quotes are „…“: {source}"
        assert target.count("„") == target.count("“"), f"quotes come in pairs: {source}"
        assert not re.search(r"\b(du|dich|dir|dein\w*)\b", target), f"one says Sie: {source}"


def test_spanish_is_set_as_spanish_is_set() -> None:
    for source, target in strings(translated("es")).items():
        assert not re.search("[\"'“”]", target), f"quotes are «…»: {source}"
        assert not re.search("« | »", target), f"no space inside «»: {source}"
        assert target.count("?") == target.count("¿"), f"questions open with ¿: {source}"
        assert not re.search(r"(?i)\b(tú|tus|contigo|vosotros)\b", target), f"usted: {source}"


def test_english_sets_its_quotes_and_apostrophes() -> None:
    for message in extracted():
        assert not re.search("[\"']", message), message
