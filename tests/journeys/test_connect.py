"""Signing in to Livestorm from the panel, and out again."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Story

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


def test_the_panel_asks_to_connect_and_shows_the_template_field_then(story: Story) -> None:
    calendar = story.calendar
    calendar.open_panel()
    expect(calendar.card.get_by_role("heading", name=story.say("connect"))).to_be_visible()
    story.picture("10-connect")

    with calendar.page.expect_popup() as window:
        calendar.card.get_by_role("button", name=story.say("sign in")).click()
    story.allow(window.value)

    expect(calendar.card.get_by_role("button", name=story.say("save the id"))).to_be_visible()


def test_closing_the_window_leaves_everything_as_it_was(story: Story) -> None:
    calendar = story.calendar
    calendar.open_panel()
    with calendar.page.expect_popup() as window:
        calendar.card.get_by_role("button", name=story.say("sign in")).click()
    window.value.wait_for_load_state()
    window.value.close()

    calendar.wait_for_card()
    expect(calendar.card.get_by_role("button", name=story.say("sign in"))).to_be_visible()


def test_signing_out_from_the_menu_asks_to_connect_again(story: Story) -> None:
    calendar = story.calendar
    story.connect_from_panel()

    calendar.menu(story.say("sign out"))

    expect(calendar.card.get_by_role("button", name=story.say("sign in"))).to_be_visible()
    calendar.click_slot(story.slot(day=2, hour=10))
    calendar.choose_conference()
    sign_in = calendar.text("conference.sign_in_button")
    expect(calendar.form.get_by_role("button", name=sign_in)).to_be_visible()


def test_another_person_is_not_signed_in(story: Story) -> None:
    calendar = story.calendar
    story.connect_from_panel()
    page = calendar.page

    page.get_by_role("button", name=calendar.text("account.label", name="Camille Martin")).click()
    page.get_by_role("button", name="Sam Taylor").click()
    sam = calendar.text("account.label", name="Sam Taylor")
    expect(page.get_by_role("button", name=sam)).to_be_visible()
    calendar.open_panel()

    expect(calendar.card.get_by_role("button", name=story.say("sign in"))).to_be_visible()
