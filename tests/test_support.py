"""The test infrastructure itself: each fixture gives what it promises."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import BrowserContext, Page

from addon.store.schema import is_current
from tests.support import chromium
from tests.support.program import Program, merged


@pytest.mark.parametrize("round_", [1, 2])
def test_every_test_has_a_migrated_database_of_its_own(engine: sa.Engine, round_: int) -> None:
    assert is_current(engine)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE left_behind (n INTEGER)"))


def test_both_kinds_of_database_are_used(engine: sa.Engine, request: pytest.FixtureRequest) -> None:
    assert f"[{engine.dialect.name}]" in request.node.name


@pytest.mark.browser
def test_the_browser_runs_scripts_in_the_asked_language(
    new_context: Callable[..., BrowserContext],
) -> None:
    page = new_context(locale="fr-FR").new_page()
    assert page.evaluate("navigator.language") == "fr-FR"


@pytest.mark.browser
def test_pages_cannot_reach_other_hosts(page: Page) -> None:
    page.set_content("<p>here</p>")
    outcome = page.evaluate("fetch('http://example.com/').then(() => 'reached', () => 'refused')")
    assert outcome == "refused"


def test_a_missing_browser_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    with pytest.raises(chromium.ChromiumMissing, match="apt-get install chromium"):
        chromium.executable()


def test_the_program_answers_in_this_process(program: Program) -> None:
    assert program.get("/readyz").status_code == 200


def test_an_add_on_event_is_posted_as_its_user(program: Program) -> None:
    answer = program.addon("/addon/home", account="sam@acme.test")
    assert answer.status_code == 200
    assert answer.json()["action"]["navigations"]


def test_the_program_answers_under_gunicorn(gunicorn_program: Program) -> None:
    assert gunicorn_program.get("/readyz").status_code == 200
    assert gunicorn_program.addon("/addon/home").status_code == 200


def test_parts_of_an_event_object_are_merged() -> None:
    base = {"calendar": {"id": "1", "calendarId": "a"}, "commonEventObject": {"hostApp": "X"}}
    assert merged(base, {"calendar": {"id": "2"}, "more": 1}) == {
        "calendar": {"id": "2", "calendarId": "a"},
        "commonEventObject": {"hostApp": "X"},
        "more": 1,
    }
