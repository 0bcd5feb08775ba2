"""Whatever the synchronisation may store has a sentence on the pages, and one of its own."""

from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

import jinja2
import pytest

from addon.dashboard.standing import State
from addon.sync import trouble
from addon.sync.words import Change, GuestReason, NoteKind, UnlinkReason, Unsynced
from server.browser.pages import CATALOGUES

TROUBLES = {*trouble._LIVESTORM.values(), *trouble._GOOGLE.values(), trouble.VANISHED}


@pytest.fixture(scope="module")
def words() -> Any:
    """The macros, in English."""
    loader = jinja2.FileSystemLoader(CATALOGUES.parent / "templates")
    environment = jinja2.Environment(
        loader=loader,
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    return environment.get_template("words.html").module


def sentences(say: Callable[[str], str], values: Iterable[str]) -> dict[str, str]:
    return {value: str(say(value)).strip() for value in values}


def line(what: str) -> Any:
    """A line of history of which only its kind is known."""
    return SimpleNamespace(what=what, detail=SimpleNamespace(why=jinja2.Undefined()))


@pytest.mark.parametrize(
    ("macro", "values"),
    [
        ("reason", [one.value for one in GuestReason]),
        ("part", [one.value for one in Unsynced]),
        ("trouble", sorted(TROUBLES)),
        (
            "ended",
            [
                *(one.value for one in UnlinkReason),
                *("deleted_in_calendar", "deleted_in_livestorm"),
            ],
        ),
        (
            "change",
            [
                *(one.value for one in Change),
                *(one.value for one in NoteKind),
                "created",
                "settled",
            ],
        ),
    ],
)
def test_every_stored_word_has_a_sentence_of_its_own(
    words: Any, macro: str, values: list[str]
) -> None:
    speak = getattr(words, macro)
    say = (lambda value: speak(line(value))) if macro == "change" else speak
    fallback = str(say("something new")).strip()
    told = sentences(say, values)
    assert fallback
    assert all(told.values())
    assert [value for value, text in told.items() if text == fallback] == []
    assert len(set(told.values())) == len(told), "each its own"


def test_every_state_is_named_and_what_hinders_everything_is_explained(words: Any) -> None:
    for state in State:
        standing = SimpleNamespace(state=state)
        assert str(words.state(standing)).strip()
        assert str(words.tone(standing)).strip() in {"good", "bad", "over", "other"}
    explained = set(State) - {State.SYNCED, State.PENDING, State.TROUBLE, State.ENDED}
    told = sentences(words.hindrance, [one.value for one in explained])
    assert all(told.values())
    assert len(set(told.values())) == len(told)
