"""*Create an event in Google Calendar*: a slot, a title, Livestorm, Join Livestorm."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Story, event_id_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]

TITLES = {"en": "Product webinar", "fr": "Webinar produit"}
SECOND = {"en": "Office hours", "fr": "Permanence"}
DESCRIPTIONS = {
    "en": "<p>What is new in the product, with time for <b>questions</b>.</p>",
    "fr": "<p>Les nouveautés du produit, et du temps pour vos <b>questions</b>.</p>",
}


def test_a_slot_becomes_a_livestorm_event_one_can_join(story: Story) -> None:
    calendar, page = story.calendar, story.calendar.page
    title = TITLES[story.language]
    known = set(story.livestorm.world.events)
    story.picture("01-calendar")

    # 1 and 2: the slot, and what the event is about.
    calendar.click_slot(story.slot(day=2, hour=14))
    calendar.fill_title(title)
    calendar.add_guests("sam@acme.test", "guest@partner.test")
    calendar.form.get_by_role("button", name=calendar.text("conference.add")).click()
    expect(page.get_by_role("menuitem", name="Livestorm")).to_be_visible()
    story.picture("02-add-video-conferencing")
    page.keyboard.press("Escape")

    # 3: Livestorm. The first time, sign in; never again afterwards.
    calendar.choose_conference()
    sign_in = calendar.text("conference.sign_in_button")
    expect(calendar.form.get_by_role("button", name=sign_in)).to_be_visible()
    story.picture("03-sign-in")
    with page.expect_popup() as window:
        calendar.form.get_by_role("button", name=sign_in).click()
    expect(window.value.get_by_role("button", name=story.say("authorize"))).to_be_visible()
    story.picture("04-livestorm-authorize", window.value)
    story.allow(window.value)
    assert set(story.livestorm.world.events) == known

    # 4: the event has its link.
    calendar.choose_conference()
    expect(calendar.join).to_be_visible()
    story.picture("05-join-livestorm")
    room = calendar.join.get_attribute("href")
    assert room is not None
    assert set(story.livestorm.world.events) - known == {event_id_of(room)}

    # 5: who sees whom.
    calendar.more_options()
    calendar.editor.get_by_role("textbox", name=calendar.text("event.add_description")).fill(
        DESCRIPTIONS[story.language]
    )
    calendar.editor.get_by_label(calendar.text("guests.may_invite")).uncheck()
    calendar.editor.get_by_label(calendar.text("guests.may_see")).uncheck()
    story.picture("06-more-options")

    # 6: saved.
    calendar.save()
    saved = story.google.world.events("camille@acme.test")[-1]
    assert saved["summary"] == title
    assert saved["guestsCanSeeOtherGuests"] is False
    assert saved["conferenceData"]["entryPoints"][0]["uri"] == room
    assert saved["conferenceData"]["conferenceId"] == event_id_of(room)

    # The next one asks for nothing.
    again = story.make_event(SECOND[story.language], day=3, hour=10)
    assert event_id_of(again) not in (*known, event_id_of(room))

    # Joining takes two clicks.
    calendar.open_event(title)
    story.picture("07-event")
    with page.expect_popup() as tab:
        calendar.join.click()
    expect(tab.value.get_by_role("heading", name=story.say("in the room"))).to_be_visible()
    story.picture("08-room", tab.value)


def test_an_event_that_is_there_already_gets_its_own_title_and_time(story: Story) -> None:
    calendar = story.calendar
    title = TITLES[story.language]
    calendar.click_slot(story.slot(day=2, hour=15))
    calendar.fill_title(title)
    calendar.save()
    calendar.open_event(title)
    calendar.bubble.get_by_role("button", name=calendar.text("event.edit"), exact=True).click()

    story.sign_in_from_conference()
    calendar.choose_conference()
    expect(calendar.join).to_be_visible()
    room = calendar.join.get_attribute("href")
    assert room is not None
    calendar.save()

    event = story.room_event(room)
    assert event.title == title
    assert event.settings.everyone_can_speak is True
    calendar.open_event(title)
    with calendar.page.expect_popup() as tab:
        calendar.join.click()
    heading = tab.value.get_by_role("heading", name=story.say("in the room"))
    expect(heading).to_contain_text(title)


def test_an_event_made_with_its_panel_open_shows_its_card(story: Story) -> None:
    calendar = story.calendar
    title = TITLES[story.language]
    story.connect_from_panel()
    room = story.make_event(title, day=2, hour=10)

    calendar.open_event(title)

    expect(calendar.card).to_contain_text(story.say("not synced"))
    expect(calendar.card.get_by_role("textbox", name=story.say("join link"))).to_have_value(room)
    story.picture("14-event-card")
    with calendar.page.expect_popup() as tab:
        calendar.card.get_by_role(
            "button", name=calendar.text("conference.join", name="Livestorm")
        ).click()
    expect(tab.value.get_by_role("heading", name=story.say("in the room"))).to_be_visible()
