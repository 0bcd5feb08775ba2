"""The page's texts: every language whole, nothing missing, nothing left over."""

import json
import re
from pathlib import Path

import pytest

from sandbox.calendar.blueprint import LANGUAGES

STATIC = Path(__file__).parents[3] / "sandbox/calendar/static"
TEXTS = {
    language: json.loads((STATIC / f"i18n/{language}.json").read_text(encoding="utf-8"))
    for language in LANGUAGES
}
ENGLISH = TEXTS["en"]
SOURCES = {path.name: path.read_text(encoding="utf-8") for path in (STATIC / "js").glob("*.js")}
PLACEHOLDER = re.compile(r"\{\w+\}")


def used_keys() -> tuple[set[str], list[re.Pattern[str]]]:
    """Keys in the sources: whole ones, and patterns of those put together from parts."""
    whole: set[str] = set()
    patterns: list[re.Pattern[str]] = []
    for source in SOURCES.values():
        for call, key in re.findall(r"\b(t|plural)\(\s*'([^']+)'", source):
            whole |= {key} if call == "t" else {f"{key}.one", f"{key}.other"}
        for call, template in re.findall(r"\b(t|plural)\(\s*`([^`]+)`", source):
            parts = re.split(r"\$\{[^}]+\}", template)
            ending = "" if call == "t" else r"\.(one|other)"
            patterns.append(re.compile(r"\w+".join(map(re.escape, parts)) + ending))
    return whole, patterns


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_the_same_things(language: str) -> None:
    texts = TEXTS[language]
    assert ENGLISH.keys() == texts.keys()
    for key, text in ENGLISH.items():
        assert sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(texts[key])), key


def test_every_language_can_be_chosen() -> None:
    menu = SOURCES["account_menu.js"]
    codes = re.search(r"const LANGUAGES = \{(.+?)\}", menu)
    assert codes is not None
    assert tuple(re.findall(r"(\w+):", codes[1])) == LANGUAGES
    assert {path.stem for path in (STATIC / "i18n").glob("*.json")} == set(LANGUAGES)


def test_no_text_is_missing() -> None:
    whole, _ = used_keys()

    assert len(whole) > 50  # or the expressions above no longer find anything
    assert whole - ENGLISH.keys() == set()


def test_no_text_is_left_over() -> None:
    whole, patterns = used_keys()

    left = {
        key
        for key in ENGLISH.keys() - whole
        if not any(pattern.fullmatch(key) for pattern in patterns)
    }

    assert left == set()


def test_french_is_typed_as_french_is() -> None:
    for key, text in TEXTS["fr"].items():
        assert "'" not in text, key
        # No line may begin with a mark: the space before it is one that does not break.
        assert not re.search("(?<!\u202f)[?!;]|(?<!\u00a0):", text), key
