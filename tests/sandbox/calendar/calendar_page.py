"""The Calendar page as a person uses it, for browser tests."""

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

# As long as any other step of a browser test (tests/conftest.py); Playwright's own 5 s are short
# for a page that waits for a program on a machine where everything is tested at once.
expect.set_options(timeout=15_000)

CATALOGUES = Path(__file__).parents[3] / "sandbox/calendar/static/i18n"


@dataclass(frozen=True)
class CalendarPage:
    """One browser tab on the page.

    Attributes:
        page: The tab.
        url: Origin of the Google simulator.
        language: ``en`` or ``fr``: which labels to look for.
    """

    page: Page
    url: str
    language: str = "en"

    def text(self, key: str, **values: str) -> str:
        """The page's own text in this language."""
        texts = json.loads((CATALOGUES / f"{self.language}.json").read_text(encoding="utf-8"))
        return str(re.sub(r"\{(\w+)\}", lambda match: values[match[1]], texts[key]))

    def open(self) -> None:
        """Go to the page and wait until the week is there."""
        self.page.goto(self.url)
        expect(self.page.locator("body.ready")).to_be_attached()

    # The grid

    def cell(self, start: datetime) -> Locator:
        """The slot of one hour."""
        return self.page.locator(f'.cell[data-start="{start:%Y-%m-%dT%H:00}"]')

    def click_slot(self, start: datetime) -> None:
        """Click a slot: the quick dialog opens."""
        # Four pixels below the hour's line is the hour itself, not its half.
        self.cell(start).click(position={"x": 20, "y": 4})
        expect(self.dialog).to_be_visible()

    def piece(self, title: str) -> Locator:
        """An event on the grid."""
        return self.page.locator(".piece, .bar").filter(has_text=title)

    def open_event(self, title: str) -> Locator:
        """Click an event: its bubble."""
        self.piece(title).first.click()
        expect(self.bubble).to_be_visible()
        return self.bubble

    # Dialogs

    @property
    def dialog(self) -> Locator:
        """The quick dialog."""
        return self.page.locator(".quick-popover")

    @property
    def bubble(self) -> Locator:
        """The details of an event."""
        return self.page.locator(".details-popover")

    @property
    def editor(self) -> Locator:
        """The full editor."""
        return self.page.locator("#editor")

    @property
    def form(self) -> Locator:
        """The quick dialog or the editor, whichever is open."""
        return self.page.locator(".quick-popover, #editor:not([hidden])")

    @property
    def join(self) -> Locator:
        """The button *Join Livestorm* of what is open."""
        name = self.text("conference.join", name="Livestorm")
        return self.page.get_by_role("link", name=name)

    def fill_title(self, title: str) -> None:
        """Type the event's title."""
        self.form.get_by_role("textbox", name=self.text("event.add_title")).fill(title)

    def add_guests(self, *emails: str) -> None:
        """Type guests, one after the other."""
        box = self.form.get_by_role("textbox", name=self.text("guests.add"))
        for email in emails:
            box.fill(email)
            box.press("Enter")

    def choose_conference(self, name: str = "Livestorm") -> None:
        """*Add video conferencing* → a solution."""
        self.form.get_by_role("button", name=self.text("conference.add")).click()
        self.page.get_by_role("menuitem", name=name).click()

    def more_options(self) -> None:
        """From the quick dialog to the full editor."""
        self.dialog.get_by_role("button", name=self.text("action.more_options")).click()
        expect(self.editor).to_be_visible()

    def save(self) -> None:
        """Save what is open, and wait until it is saved."""
        self.form.get_by_role("button", name=self.text("action.save"), exact=True).click()
        expect(self.form).to_be_hidden()
        expect(self.snackbar).to_have_text(self.text("event.saved"))

    def close_bubble(self) -> None:
        """Close the details."""
        self.bubble.get_by_role("button", name=self.text("action.close")).click()
        expect(self.bubble).to_be_hidden()

    @property
    def snackbar(self) -> Locator:
        """The short message at the bottom."""
        return self.page.locator("#snackbar.shown")

    # The add-on's panel

    @property
    def panel(self) -> Locator:
        """The add-on's panel."""
        return self.page.locator("#panel")

    @property
    def card(self) -> Locator:
        """The card that is shown."""
        return self.panel.locator(".card")

    def open_panel(self) -> None:
        """Click the add-on's icon and wait for a card."""
        self.page.locator("#rail").get_by_role("button", name="Livestorm").click()
        self.wait_for_card()

    def wait_for_card(self) -> None:
        """Wait until the add-on has answered."""
        expect(self.card).to_be_visible()
        expect(self.panel.locator(".panel-busy")).to_have_count(0)

    def menu(self, item: str | re.Pattern[str]) -> None:
        """Choose from the panel's menu."""
        self.panel.get_by_role("button", name=self.text("panel.menu")).click()
        self.page.get_by_role("menuitem", name=item).click()


def monday_of(now: datetime) -> datetime:
    """Midnight of the Monday of that week, naive wall time."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    return midnight - timedelta(days=midnight.weekday())
