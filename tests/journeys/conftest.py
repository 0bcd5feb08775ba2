"""Stories of the help article, told by a real browser to the whole program.

Everything between the two simulated companies is the real thing: the bridge of ``manifest/`` in
the browser, the program over HTTP, a database, OAuth redirects.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from playwright.sync_api import BrowserContext, Page, expect

from sandbox.calendar import blueprint_for
from sandbox.google import GoogleSimulator
from sandbox.livestorm import LivestormSimulator
from sandbox.livestorm.records import Event
from tests.journeys.words import WORDS
from tests.sandbox.calendar.calendar_page import CalendarPage, monday_of
from tests.support.program import Program

PARIS = ZoneInfo("Europe/Paris")

VIEWPORT = {"width": 1360, "height": 850}
"""Large enough for week, editor and panel beside each other, small enough for a document."""


@dataclass(frozen=True)
class Story:
    """Camille at her calendar.

    Attributes:
        calendar: The Calendar page.
        program: The running program.
        google: The simulator behind the page.
        livestorm: The other simulator.
        language: ``en`` or ``fr``.
        take: Takes a numbered picture of a tab.
        monday: Midnight of the shown week's Monday, wall time in Paris.
    """

    calendar: CalendarPage
    program: Program
    google: GoogleSimulator
    livestorm: LivestormSimulator
    language: str
    take: Callable[[Page, str], None]
    monday: datetime

    def say(self, key: str) -> str:
        """What the program or Livestorm says, in the story's language."""
        return WORDS[self.language][key]

    def picture(self, name: str, page: Page | None = None) -> None:
        """Keep what is to be seen now."""
        self.take(page or self.calendar.page, name)

    def slot(self, *, day: int, hour: int) -> datetime:
        """An hour of this week; Monday is day 0 and today is Tuesday, nine o'clock."""
        return self.monday + timedelta(days=day, hours=hour)

    def room_event(self, room: str) -> Event:
        """The Livestorm event a room address leads to."""
        return self.livestorm.world.events[event_id_of(room)]

    def allow(self, window: Page) -> None:
        """In Livestorm's window: authorize, and wait until the window has closed itself."""
        with window.expect_event("close"):
            window.get_by_role("button", name=self.say("authorize")).click()

    def sign_in_from_conference(self) -> None:
        """Choose Livestorm, sign in as it asks, and have the choice again."""
        self.calendar.choose_conference()
        with self.calendar.page.expect_popup() as window:
            sign_in = self.calendar.text("conference.sign_in_button")
            self.calendar.form.get_by_role("button", name=sign_in).click()
        self.allow(window.value)
        add = self.calendar.text("conference.add")
        expect(self.calendar.form.get_by_role("button", name=add)).to_be_visible()

    def connect_from_panel(self) -> None:
        """Open the panel and sign in to Livestorm from its card."""
        self.calendar.open_panel()
        with self.calendar.page.expect_popup() as window:
            self.calendar.card.get_by_role("button", name=self.say("sign in")).click()
        self.allow(window.value)
        expect(self.calendar.card.get_by_role("textbox")).to_be_visible()
        self.calendar.wait_for_card()

    def save_template(self, typed: str) -> None:
        """Type into the panel's field and press SAVE THE ID."""
        card = self.calendar.card
        card.get_by_role("textbox", name=self.say("event id")).fill(typed)
        card.get_by_role("button", name=self.say("save the id")).click()
        self.calendar.wait_for_card()

    def make_event(self, title: str, *, day: int, hour: int) -> str:
        """Make an event with a Livestorm room; return the room's address."""
        calendar = self.calendar
        calendar.click_slot(self.slot(day=day, hour=hour))
        calendar.fill_title(title)
        calendar.choose_conference()
        expect(calendar.join).to_be_visible()
        room = calendar.join.get_attribute("href")
        assert room is not None
        calendar.save()
        return room


def event_id_of(room: str) -> str:
    """The Livestorm event a room address belongs to."""
    found = re.search(r"/p/([^/]+)/live", room)
    assert found is not None, room
    return found[1]


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Tuesday morning of next week: every story happens within its week, none at night."""
    today = datetime.now(UTC).astimezone(PARIS)
    tuesday = monday_of(today) + timedelta(days=8, hours=9, minutes=12)
    with time_machine.travel(tuesday.replace(tzinfo=PARIS), tick=True) as traveller:
        yield traveller


@pytest.fixture(params=["en", "fr"])
def language(request: pytest.FixtureRequest) -> str:
    """Every story is told in both languages."""
    return str(request.param)


@pytest.fixture
def story(
    program: Program,
    new_context: Callable[..., BrowserContext],
    screenshot: Callable[[Page, str, str], None],
    language: str,
) -> Story:
    """Camille opens her calendar."""
    google, livestorm = program.google, program.livestorm
    google.app.register_blueprint(
        blueprint_for(google, program_url=program.url, livestorm_control_url=livestorm.url)
    )
    locale = {"en": "en-US", "fr": "fr-FR"}[language]
    page = new_context(locale=locale, viewport=VIEWPORT).new_page()
    calendar = CalendarPage(page, google.url, language)
    calendar.open()
    return Story(
        calendar=calendar,
        program=program,
        google=google,
        livestorm=livestorm,
        language=language,
        take=lambda tab, name: screenshot(tab, language, name),
        monday=monday_of(datetime.now(UTC).astimezone(PARIS)),
    )
