"""*Create events with specific settings*: paste an ID, SAVE THE ID, and how it stops."""

import pytest
from playwright.sync_api import expect

from sandbox.livestorm.seed import TEMPLATE_TITLE
from tests.journeys.conftest import Story

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


def template_of(story: Story) -> str:
    """The ID of the Livestorm event whose settings are unusual."""
    return next(
        event_id
        for event_id, event in story.livestorm.world.events.items()
        if event.title == TEMPLATE_TITLE
    )


def test_new_events_copy_the_saved_event_until_the_field_is_emptied(story: Story) -> None:
    calendar = story.calendar
    template = story.livestorm.world.events[template_of(story)]

    # 1: the ID is on the event's dashboard.
    dashboard = calendar.page.context.new_page()
    dashboard.goto(f"{story.livestorm.url}/dashboard/events/{template.id}")
    field = dashboard.get_by_role("textbox", name=story.say("dashboard id"))
    expect(field).to_have_value(template.id)
    story.picture("11-livestorm-event-id", dashboard)
    dashboard.close()

    # 2 and 3: the icon at the right, the field, SAVE THE ID.
    story.connect_from_panel()
    expect(calendar.card).to_contain_text(story.say("usual settings"))
    story.picture("12-template-panel")
    story.save_template(template.id)
    expect(calendar.card).to_contain_text(story.say("settings of"))
    expect(calendar.card).to_contain_text(TEMPLATE_TITLE)
    expect(calendar.snackbar).to_contain_text(story.say("saved"))
    story.picture("13-template-saved")

    # 4: the next event is like it.
    copied = story.room_event(story.make_event("Like the other", day=2, hour=10))
    assert copied.settings == template.settings
    assert copied.settings.everyone_can_speak is False
    assert copied.settings.chat_enabled is False

    # Closing the calendar resets nothing.
    calendar.page.reload()
    calendar.open_panel()
    expect(calendar.card).to_contain_text(TEMPLATE_TITLE)

    # 5: empty, save, and it stops.
    story.save_template("")
    expect(calendar.snackbar).to_have_text(story.say("cleared"))
    expect(calendar.card).to_contain_text(story.say("usual settings"))
    usual = story.room_event(story.make_event("As usual", day=3, hour=10))
    assert usual.settings.everyone_can_speak is True
    assert usual.settings.chat_enabled is True


def test_a_link_is_as_good_as_an_id(story: Story) -> None:
    template = template_of(story)
    story.connect_from_panel()

    story.save_template(f"{story.livestorm.url}/dashboard/events/{template}?tab=settings")

    expect(story.calendar.card).to_contain_text(TEMPLATE_TITLE)


def test_a_bad_id_changes_nothing_and_says_why(story: Story) -> None:
    calendar = story.calendar
    story.connect_from_panel()
    story.save_template(template_of(story))
    expect(calendar.card).to_contain_text(TEMPLATE_TITLE)

    story.save_template("not an id")

    expect(calendar.snackbar).to_have_text(story.say("not saved"))
    expect(calendar.card).to_contain_text(story.say("no id"))
    expect(calendar.card).to_contain_text(TEMPLATE_TITLE)
    story.picture("15-bad-id")
    story.save_template("00000000-0000-4000-8000-000000000000")
    expect(calendar.card).not_to_contain_text(story.say("no id"))
    expect(calendar.card).to_contain_text(TEMPLATE_TITLE)

    calendar.page.reload()
    calendar.open_panel()
    expect(calendar.card).to_contain_text(TEMPLATE_TITLE)
