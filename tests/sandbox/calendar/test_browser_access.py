"""The page for people who use a keyboard or a screen reader, by axe-core."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.sandbox.calendar.calendar_page import CalendarPage
from tests.sandbox.calendar.scripted_add_on import ScriptedAddOn, pushed
from tests.sandbox.calendar.test_browser_add_on import EVERY_WIDGET

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_state_of_the_page_locks_anybody_out(
    calendar_page: Callable[..., CalendarPage],
    add_on: ScriptedAddOn,
    monday: datetime,
    language: str,
) -> None:
    add_on.answers["/addon/home"] = pushed({"header": "All", "widgets": EVERY_WIDGET})
    page = calendar_page(language=language)
    found: dict[str, str] = {}

    def look(state: str) -> None:
        results = Axe().run(page.page)
        if results.violations_count:
            found[state] = results.generate_report()

    look("week")
    page.click_slot(monday + timedelta(days=2, hours=10))
    page.fill_title("Seen by axe")
    page.add_guests("sam@acme.test")
    look("quick dialog")
    page.more_options()
    look("editor")
    page.save()
    page.open_event("Seen by axe")
    look("details")
    page.close_bubble()
    page.open_panel()
    look("panel")
    page.page.get_by_role("button", name=page.text("controls.title")).click()
    page.page.get_by_role("switch").first.wait_for()
    look("controls")

    assert found == {}, "\n".join(f"{state}:\n{report}" for state, report in found.items())
