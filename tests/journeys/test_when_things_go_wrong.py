"""What people are told when Livestorm or Google fails, and that trying again helps."""

import pytest
import time_machine
from playwright.sync_api import expect

from tests.journeys.conftest import Story

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


TITLES = {"en": "Product webinar", "fr": "Webinar produit"}


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        ("livestorm_down", "TEMPORARY"),
        ("livestorm_rate_limited", "TEMPORARY"),
        ("livestorm_forbidden", "PERMISSION_DENIED"),
    ],
)
def test_a_conference_that_fails_is_told_and_made_at_the_next_try(
    story: Story, clock: time_machine.Traveller, trouble: str, kind: str
) -> None:
    calendar, page = story.calendar, story.calendar.page
    story.connect_from_panel()
    known = set(story.livestorm.world.events)
    page.get_by_role("button", name=calendar.text("controls.title")).click()
    page.get_by_role("switch", name=calendar.text(f"control.{trouble}")).check()
    expect(calendar.snackbar).to_have_text(calendar.text("controls.done"))
    page.get_by_role("button", name=calendar.text("controls.title")).click()

    calendar.click_slot(story.slot(day=2, hour=10))
    calendar.fill_title(TITLES[story.language])
    calendar.choose_conference()

    alert = calendar.form.get_by_role("alert").filter(has_text=calendar.text("conference.failed"))
    expect(alert).to_contain_text(calendar.text(f"conference.error.{kind}"))
    if trouble == "livestorm_down":
        story.picture("16-conference-failed")
    assert set(story.livestorm.world.events) == known

    story.livestorm.faults.clear()
    # As long as Livestorm asked for, and longer than the program rests after an outage.
    clock.shift(60)
    calendar.choose_conference()
    expect(calendar.join).to_be_visible()
    assert len(set(story.livestorm.world.events) - known) == 1


def test_an_answer_that_got_lost_does_not_make_a_second_event(story: Story) -> None:
    calendar = story.calendar
    story.connect_from_panel()
    known = set(story.livestorm.world.events)
    page = calendar.page
    page.get_by_role("button", name=calendar.text("controls.title")).click()
    page.get_by_role("switch", name=calendar.text("control.livestorm_lost_answer")).check()
    expect(calendar.snackbar).to_have_text(calendar.text("controls.done"))

    calendar.click_slot(story.slot(day=2, hour=10))
    calendar.choose_conference()
    calendar.form.get_by_text(calendar.text("conference.adding")).wait_for(state="detached")
    story.livestorm.faults.clear()
    if not calendar.join.is_visible():
        calendar.choose_conference()
    expect(calendar.join).to_be_visible()

    assert len(set(story.livestorm.world.events) - known) == 1


def test_a_connection_livestorm_no_longer_accepts_asks_to_sign_in(story: Story) -> None:
    calendar, page = story.calendar, story.calendar.page
    story.connect_from_panel()
    page.get_by_role("button", name=calendar.text("controls.title")).click()
    page.get_by_role("switch", name=calendar.text("control.livestorm_token_expired")).check()
    expect(calendar.snackbar).to_have_text(calendar.text("controls.done"))

    calendar.click_slot(story.slot(day=2, hour=10))
    calendar.choose_conference()
    sign_in = calendar.text("conference.sign_in_button")
    expect(calendar.form.get_by_role("button", name=sign_in)).to_be_visible()

    story.livestorm.faults.clear()
    with page.expect_popup() as window:
        calendar.form.get_by_role("button", name=sign_in).click()
    story.allow(window.value)
    calendar.choose_conference()
    expect(calendar.join).to_be_visible()


def test_a_template_cannot_be_checked_while_livestorm_is_down(story: Story) -> None:
    calendar = story.calendar
    template = next(iter(story.livestorm.world.events))
    story.connect_from_panel()
    page = calendar.page
    page.get_by_role("button", name=calendar.text("controls.title")).click()
    page.get_by_role("switch", name=calendar.text("control.livestorm_down")).check()
    expect(calendar.snackbar).to_have_text(calendar.text("controls.done"))

    story.save_template(template)

    expect(calendar.snackbar).to_have_text(story.say("not saved"))
    # What was typed is still there, to be saved when Livestorm is back.
    field = calendar.card.get_by_role("textbox", name=story.say("event id"))
    expect(field).to_have_value(template)
    story.livestorm.faults.clear()
    calendar.card.get_by_role("button", name=story.say("save the id")).click()
    expect(calendar.card).to_contain_text(story.livestorm.world.events[template].title)


def test_a_program_that_can_recognise_nobody_is_told_by_the_bridge(story: Story) -> None:
    calendar, page = story.calendar, story.calendar.page
    page.get_by_role("button", name=calendar.text("controls.title")).click()
    page.get_by_role("switch", name=calendar.text("control.google_certs_down")).check()
    expect(calendar.snackbar).to_have_text(calendar.text("controls.done"))
    page.get_by_role("button", name=calendar.text("controls.title")).click()

    calendar.open_panel()
    expect(calendar.card).to_contain_text(story.say("unreachable"))
    story.picture("17-unreachable")

    story.google.faults.clear()
    # The moment the card speaks of: for a second after an outage nobody asks Google again.
    page.wait_for_timeout(1_000)
    calendar.card.get_by_role("button", name=story.say("try again")).click()
    expect(calendar.card.get_by_role("button", name=story.say("sign in"))).to_be_visible()
