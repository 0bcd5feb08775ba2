"""The page with a scripted add-on server behind it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import requests
from playwright.sync_api import BrowserContext

from sandbox.calendar import blueprint_for
from sandbox.google import GoogleSimulator
from sandbox.livestorm import LivestormSimulator
from tests.sandbox.calendar.calendar_page import CalendarPage, monday_of
from tests.sandbox.calendar.scripted_add_on import ScriptedAddOn
from tests.support.program import browser_like_session

PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def add_on() -> Iterator[ScriptedAddOn]:
    """A server that answers what the test scripts."""
    server = ScriptedAddOn()
    with server.serve():
        yield server


@pytest.fixture
def page_url(google: GoogleSimulator, livestorm: LivestormSimulator, add_on: ScriptedAddOn) -> str:
    """Where the Calendar page is served."""
    google.app.register_blueprint(
        blueprint_for(google, program_url=add_on.url, livestorm_control_url=livestorm.url)
    )
    return google.url


@pytest.fixture
def http(page_url: str) -> Iterator[requests.Session]:
    """A signed-in browser without scripts."""
    with browser_like_session() as session:
        session.get(page_url, timeout=10)
        yield session


@pytest.fixture
def monday() -> datetime:
    """Midnight of this week's Monday on the wall in Paris, which is the calendar's zone."""
    return monday_of(datetime.now(UTC).astimezone(PARIS))


@pytest.fixture
def calendar_page(
    new_context: Callable[..., BrowserContext], page_url: str
) -> Callable[..., CalendarPage]:
    """Open the page: ``calendar_page(language="fr", account="sam@acme.test")``."""

    def open_page(*, language: str = "en", account: str = "camille@acme.test") -> CalendarPage:
        context = new_context(locale={"en": "en-US", "fr": "fr-FR"}[language])
        context.add_cookies([{"name": "sim_google_account", "value": account, "url": page_url}])
        shown = CalendarPage(context.new_page(), page_url, language)
        shown.open()
        return shown

    return open_page
