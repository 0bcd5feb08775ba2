"""Languages, plurals, dates and times."""

import sys
from datetime import UTC, datetime

import pytest

from cards.messages import LANGUAGES, language_for, translator_for
from tests.cards.samples import samples

MOMENT = datetime(2025, 11, 23, 13, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("fr-FR", "fr"),
        ("fr_CA", "fr"),
        ("FR", "fr"),
        ("fr-Latn-CH", "fr"),
        ("de-CH", "de"),
        ("es-419", "es"),
        ("en-GB", "en"),
        ("ja-JP", "en"),
        (None, "en"),
        ("", "en"),
        ("../../etc/passwd", "en"),
        ("fr/../fr", "en"),
        ("fr-", "en"),
        ("f", "en"),
        ("français", "en"),
        ("fr" * 5000, "en"),
        ("fr\n", "en"),
    ],
)
def test_language_of_a_locale_tag(tag: str | None, language: str) -> None:
    assert language_for(tag) == language
    assert translator_for(tag).language == language


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("en", "Nov 23 at 1:05\u202fPM"),
        ("en-US", "Nov 23 at 1:05\u202fPM"),
        ("en-GB", "23 Nov at 13:05"),
        ("fr-FR", "23 nov. à 13:05"),
        ("fr-CA", "23 nov. à 13 h 05"),
        ("de-DE", "23. Nov. um 13:05 Uhr"),
        ("de-AT", "23. Nov. um 13:05 Uhr"),
        ("es-ES", "23 nov, 13:05"),
        ("es-MX", "23 nov, 1:05\u202fp.m."),
        ("fr-XX", "23 nov. à 13:05"),
    ],
)
def test_a_moment_is_written_as_the_locale_does(tag: str, text: str) -> None:
    assert translator_for(tag).moment(MOMENT).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("Europe/Paris", "23 nov. 2025 à 14:05"),
        ("Asia/Tokyo", "23 nov. 2025 à 22:05"),
        ("Pacific/Kiritimati", "24 nov. 2025 à 03:05"),
        (None, "23 nov. 2025 à 13:05"),
        ("Nowhere/Town", "23 nov. 2025 à 13:05"),
        ("../etc/passwd", "23 nov. 2025 à 13:05"),
        ("Europe", "23 nov. 2025 à 13:05"),
        ("x" * 5000, "23 nov. 2025 à 13:05"),
        ("Europe/\ud800", "23 nov. 2025 à 13:05"),
        ("a\x00b", "23 nov. 2025 à 13:05"),
    ],
)
def test_a_moment_is_shown_in_the_zone_or_its_own(zone: str | None, text: str) -> None:
    assert translator_for("fr").moment_with_year(MOMENT, zone) == text


def test_a_date_follows_the_zone_too() -> None:
    late = datetime(2025, 11, 23, 23, 30, tzinfo=UTC)
    assert translator_for("en").date(late, "Europe/Paris") == "Mon, Nov 24, 2025"
    assert translator_for("fr").date(late, "Europe/London") == "dim. 23 nov. 2025"


def test_a_naive_date_is_a_defect() -> None:
    with pytest.raises(ValueError, match="naive"):
        translator_for("en").moment(datetime(2025, 11, 23, 13, 5))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("language", "count", "text"),
    [
        ("en", 0, "0 guests registered"),
        ("en", 1, "1 guest registered"),
        ("en", 2, "2 guests registered"),
        ("fr", 0, "0 invité inscrit"),
        ("fr", 1, "1 invité inscrit"),
        ("fr", 2, "2 invités inscrits"),
        ("de", 0, "0 Gäste registriert"),
        ("de", 1, "1 Gast registriert"),
        ("de", 2, "2 Gäste registriert"),
        ("es", 0, "0 invitados inscritos"),
        ("es", 1, "1 invitado inscrito"),
        ("es", 2, "2 invitados inscritos"),
    ],
)
def test_plurals(language: str, count: int, text: str) -> None:
    t = translator_for(language)
    assert t.ngettext("{count} guest registered", "{count} guests registered", count) == text


def test_braces_in_a_value_are_left_alone() -> None:
    t = translator_for("fr")
    text = t.gettext("In sync since {moment}", moment="{moment.__class__}")
    assert text == "Synchronisé depuis le {moment.__class__}"


def test_cards_open_no_file_once_warm() -> None:
    for language in LANGUAGES:
        for _, sample in samples():
            sample(language)
    opened: list[object] = []
    listening = True

    # An audit hook cannot be taken away again, only made deaf.
    def hook(name: str, arguments: tuple[object, ...]) -> None:
        if listening and name == "open":
            opened.append(arguments[0])

    sys.addaudithook(hook)
    for language in LANGUAGES:
        for _, sample in samples():
            sample(language)
    listening = False
    assert opened == []
