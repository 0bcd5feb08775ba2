"""The integration page in a browser: four languages, by keyboard, with and without JavaScript."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.conftest import PARIS
from tests.sandbox.calendar.calendar_page import monday_of
from tests.server.calls import CAMILLE, ask_for_room, calendar_event, connect
from tests.server.two_way import TwoWay, activate, begin, saved_room
from tests.support.program import Program

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]

LAUNCH = "Product launch webinar"

NARROW = 360
"""Pixels: the width of a small phone, which every page fits into."""

LOCALES = {"en": "en-US", "fr": "fr-FR", "de": "de-DE", "es": "es-ES"}

SAYS = {
    "en": ("In sync", "Not synced", "Title changed", "Erase my data?"),
    "fr": ("Synchronisé", "Non synchronisé", "Titre modifié", "Effacer mes données"),
    "de": ("Synchron", "Nicht synchronisiert", "Titel geändert", "Meine Daten löschen?"),
    "es": ("Sincronizado", "Sin sincronizar", "Título cambiado", "¿Borrar mis datos?"),
}
"""What the list says of two events, what the history says, and what the last page asks."""


@dataclass(frozen=True)
class Desk:
    """Camille's calendar of this week, kept in sync, and her signed-in browsers."""

    rig: TwoWay
    new_context: Callable[..., BrowserContext]

    @property
    def url(self) -> str:
        return self.rig.program.url

    def browser(self, **options: object) -> Page:
        """A browser in which Camille is signed in."""
        context = self.new_context(**options)
        jar = self.rig.program.http.cookies
        session = jar["livestorm_calendar"]
        context.add_cookies([{"name": "livestorm_calendar", "value": session, "url": self.url}])
        return context.new_page()


@pytest.fixture
def desk(program: Program, new_context: Callable[..., BrowserContext]) -> Desk:
    """One event with a group among its guests, a series, an all-day event, one not synced."""
    rig = begin(program)
    monday = monday_of(datetime.now(UTC).astimezone(PARIS)).replace(tzinfo=PARIS)

    def times(day: int, hour: int, minutes: int) -> dict[str, Any]:
        start = monday + timedelta(days=day, hours=hour)
        end = start + timedelta(minutes=minutes)
        return {
            name: {"dateTime": moment.isoformat(), "timeZone": "Europe/Paris"}
            for name, moment in (("start", start), ("end", end))
        }

    connect(program)
    early = calendar_event(program, summary="Investor call", **times(4, 11, 60))
    ask_for_room(program, early)
    activate(program)
    guests = [{"email": f"{name}@customer.test"} for name in ("ada", "grace", "linus")]
    launch, _ = saved_room(
        rig,
        summary="Product webinar",
        description="What is new, with <b>time for questions</b>.",
        attendees=[*guests, {"email": "all-staff@acme.test"}],
        **times(2, 15, 90),
    )
    saved_room(
        rig, summary="Onboarding", recurrence=["RRULE:FREQ=WEEKLY;COUNT=6"], **times(1, 10, 60)
    )
    day = (monday + timedelta(days=3)).date()
    saved_room(
        rig,
        summary="Open house",
        start={"date": day.isoformat()},
        end={"date": (day + timedelta(days=1)).isoformat()},
    )
    rig.settle()
    program.google.world.patch_event(CAMILLE, launch, {"summary": LAUNCH})
    rig.settle()
    return Desk(rig, new_context)


def complaints(page: Page) -> list[str]:
    """What axe-core finds wrong with a page."""
    found = Axe().run(page).response["violations"]
    return [f"{page.url}: {one['id']}: {one['nodes'][0]['html']}" for one in found]


def test_every_page_is_shown_in_every_language_and_is_accessible(
    desk: Desk, screenshot: Callable[[Page, str, str], None]
) -> None:
    assert [one for language in LOCALES for one in walked(desk, screenshot, language)] == []


def walked(desk: Desk, screenshot: Callable[[Page, str, str], None], language: str) -> list[str]:
    """Look at every page in a language; return what axe finds.

    In English it looks at every page, in French at their dark side, in Spanish on a phone.
    """
    page = desk.browser(locale=LOCALES[language], viewport={"width": 1200, "height": 900})
    synced, unsynced, changed, erase = SAYS[language]
    found: list[str] = []

    def look(name: str, height: int = 900) -> None:
        """Take a picture, of a page that is long as much of it as `height` pixels show."""
        expect(page.locator("html")).to_have_attribute("lang", language)
        page.set_viewport_size({"width": 1200, "height": height})
        screenshot(page, language, name)
        if language == "fr":
            page.emulate_media(color_scheme="dark")
            found.extend(complaints(page))
            page.emulate_media(color_scheme="light")
        elif language == "en":
            found.extend(complaints(page))

    page.goto(f"{desk.url}/integration")
    row = page.get_by_role("listitem").filter(has=page.get_by_role("link", name=LAUNCH, exact=True))
    expect(row).to_contain_text(synced)
    held = page.get_by_role("listitem").filter(has_text="Investor call")
    expect(held).to_contain_text(unsynced)
    look("40-integration-page", 1400)
    page.goto(f"{desk.url}/integration/google-calendar")
    expect(page.get_by_role("dialog")).to_contain_text(CAMILLE)
    look("41-google-calendar-panel")
    page.goto(f"{desk.url}/integration/calendar")
    expect(page.get_by_role("link", name="Onboarding").first).to_be_visible()
    look("42-month")
    page.goto(f"{desk.url}/integration/calendar?view=week")
    expect(page.get_by_role("link", name=LAUNCH)).to_contain_text(synced)
    look("43-week")
    page.get_by_role("link", name=LAUNCH).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(LAUNCH)
    expect(page.locator(".history")).to_contain_text(changed)
    look("44-event-page", 1900)
    page.goto(f"{desk.url}/integration/deactivate")
    look("45-deactivate")
    page.goto(f"{desk.url}/integration/erase")
    expect(page.get_by_role("heading", level=1)).to_contain_text(erase)
    look("46-erase-my-data")
    if language == "es":
        page.set_viewport_size({"width": NARROW, "height": 740})
        for path in ("", "/google-calendar", "/calendar", "/calendar?view=week"):
            page.goto(f"{desk.url}/integration{path}")
            assert page.evaluate("document.documentElement.scrollWidth") <= NARROW, path
            found.extend(complaints(page))
    return found


def test_live_parts_move_by_themselves_and_keys_do_what_the_mouse_does(desk: Desk) -> None:
    page = desk.browser()
    page.goto(f"{desk.url}/integration")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()

    page.get_by_role("link", name="Google Calendar Activated").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.get_by_role("heading", name="Google Calendar", exact=True)).to_be_focused()
    # What lies behind cannot be reached.
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)

    page.get_by_role("searchbox").type("launch")
    expect(page.get_by_role("link", name="Onboarding", exact=True)).to_have_count(0)
    expect(page.get_by_role("searchbox")).to_be_focused()
    assert "q=launch" in page.url

    page.get_by_role("link", name=LAUNCH, exact=True).click()
    page.get_by_role("button", name="Sync now").click()
    status = page.get_by_role("status")
    expect(status).to_contain_text("being compared")
    desk.rig.settle()
    expect(status).not_to_contain_text("being compared")
    expect(status).to_contain_text("In sync")

    page.goto(f"{desk.url}/integration/erase")
    page.get_by_role("button", name="Erase everything").click()
    expect(page.get_by_role("heading", name="Your data is erased")).to_be_visible()
    page.goto(f"{desk.url}/integration")
    expect(page.get_by_role("link", name="Sign in with Google")).to_be_visible()


def test_everything_works_without_javascript(desk: Desk) -> None:
    page = desk.browser(java_script_enabled=False)
    page.goto(f"{desk.url}/integration")
    page.get_by_role("searchbox").fill("launch")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("link", name="Onboarding", exact=True)).to_have_count(0)
    page.get_by_role("button", name=f"Sync {LAUNCH} now").click()
    expect(page).to_have_url(f"{desk.url}/integration?q=launch&when=upcoming&state=any")
    desk.rig.settle()

    page.get_by_role("link", name="Week").click()
    page.get_by_role("link", name="Next week").click()
    page.get_by_role("link", name="Previous week").click()
    page.get_by_role("link", name=LAUNCH).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(LAUNCH)
    page.get_by_role("link", name="Deutsch").click()
    expect(page.get_by_role("heading", name="Verlauf")).to_be_visible()
    page.get_by_role("link", name="English").click()

    page.goto(f"{desk.url}/integration")
    page.get_by_role("button", name="Keep them in sync too").click()
    desk.rig.settle()
    page.goto(f"{desk.url}/integration")
    held = page.get_by_role("listitem").filter(has_text="Investor call")
    expect(held).to_contain_text("In sync")

    page.get_by_role("link", name="Google Calendar Activated").click()
    page.get_by_role("dialog").get_by_role("link", name="Deactivate").click()
    page.get_by_role("button", name="Deactivate").click()
    expect(page.get_by_role("dialog")).to_contain_text("Not activated")
    page.get_by_role("dialog").get_by_role("link", name="Erase my data").click()
    page.get_by_role("button", name="Erase everything").click()
    # The page reloads itself until all is done.
    expect(page.get_by_role("heading", name="Your data is erased")).to_be_visible()
