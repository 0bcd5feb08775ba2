"""Making and changing events in a real browser."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from sandbox.google import GoogleSimulator
from tests.sandbox.calendar.calendar_page import CalendarPage

pytestmark = pytest.mark.browser

ME = "camille@acme.test"
OpenPage = Callable[..., CalendarPage]


def wall(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M}"


def stored(google: GoogleSimulator, calendar: str = ME) -> list[tuple[str, str]]:
    """Title and wall start of what Google has."""
    return [
        (event.get("summary", ""), event["start"].get("dateTime", event["start"].get("date"))[:16])
        for event in google.world.events(calendar)
    ]


def test_a_clicked_slot_becomes_an_event_of_an_hour(
    calendar_page: OpenPage, google: GoogleSimulator, monday: datetime
) -> None:
    page = calendar_page()
    start = monday + timedelta(days=2, hours=14)

    page.click_slot(start)
    page.fill_title("Stand-up")
    page.save()

    expect(page.piece("Stand-up")).to_contain_text("2:00 – 3:00 PM")
    assert stored(google) == [("Stand-up", wall(start))]


def test_a_dragged_range_is_the_events_length(
    calendar_page: OpenPage, google: GoogleSimulator, monday: datetime
) -> None:
    page = calendar_page()
    box = page.cell(monday + timedelta(days=1, hours=10)).bounding_box()
    assert box is not None
    mouse = page.page.mouse
    mouse.move(box["x"] + 20, box["y"] + 1)
    mouse.down()
    # An hour is 48 pixels: a quarter more than two of them.
    mouse.move(box["x"] + 20, box["y"] + 48 * 2 + 10, steps=4)
    mouse.up()
    page.fill_title("Workshop")
    page.save()

    event = google.world.events(ME)[0]
    assert event["start"]["dateTime"][11:16] == "10:00"
    assert event["end"]["dateTime"][11:16] == "12:15"


def test_an_event_is_moved_by_dragging(
    calendar_page: OpenPage, google: GoogleSimulator, monday: datetime
) -> None:
    start = monday + timedelta(days=1, hours=9)
    times = {
        name: {"dateTime": moment.isoformat(), "timeZone": "Europe/Paris"}
        for name, moment in (("start", start), ("end", start + timedelta(hours=1)))
    }
    google.world.insert_event(ME, {"summary": "Moves", **times})
    page = calendar_page()
    box = page.piece("Moves").bounding_box()
    day = page.cell(start).bounding_box()
    assert box is not None
    assert day is not None

    mouse = page.page.mouse
    mouse.move(box["x"] + 10, box["y"] + 10)
    mouse.down()
    mouse.move(box["x"] + 10 + day["width"], box["y"] + 10 + 96, steps=5)
    mouse.up()

    expect(page.snackbar).to_have_text(page.text("event.saved"))
    assert stored(google) == [("Moves", wall(start + timedelta(days=1, hours=2)))]
    expect(page.bubble).to_have_count(0)


def test_everything_in_the_editor_is_saved(
    calendar_page: OpenPage, google: GoogleSimulator, monday: datetime
) -> None:
    page = calendar_page()
    page.click_slot(monday + timedelta(days=1, hours=9))
    page.fill_title("Webinar")
    page.more_options()
    editor = page.editor
    expect(editor.get_by_role("textbox", name="Add title")).to_have_value("Webinar")

    editor.get_by_label("Start time").select_option("11:30")
    expect(editor.get_by_label("End time")).to_have_value("12:30")
    editor.get_by_label("Repeat").select_option("weekly")
    editor.get_by_role("textbox", name="Add description").fill("<b>Agenda</b>")
    page.add_guests("Sam@acme.test", "guest@partner.test", "not an address")
    expect(editor.get_by_role("alert")).to_contain_text("not, an")
    editor.get_by_role("textbox", name="Add guests").fill("")
    editor.get_by_role("button", name="Remove guest@partner.test").click()
    editor.get_by_label("Invite others").uncheck()
    editor.get_by_label("See guest list").uncheck()
    page.save()

    event = google.world.events(ME)[0]
    assert event["start"]["dateTime"][11:16] == "11:30"
    assert event["recurrence"] == ["RRULE:FREQ=WEEKLY"]
    assert event["description"] == "<b>Agenda</b>"
    assert [guest["email"] for guest in event["attendees"]] == [ME, "sam@acme.test"]
    assert event["guestsCanInviteOthers"] is False
    assert event["guestsCanSeeOtherGuests"] is False


def test_a_guest_typed_but_not_entered_is_invited_all_the_same(
    calendar_page: OpenPage, google: GoogleSimulator, monday: datetime
) -> None:
    page = calendar_page()
    page.click_slot(monday + timedelta(days=1, hours=9))
    page.fill_title("Invitation")
    page.dialog.get_by_role("textbox", name="Add guests").fill("sam@acme.test")
    page.save()

    attendees = google.world.events(ME)[0]["attendees"]
    assert [guest["email"] for guest in attendees] == [ME, "sam@acme.test"]


def test_an_all_day_event_stands_at_the_top(
    calendar_page: OpenPage, google: GoogleSimulator, monday: datetime
) -> None:
    page = calendar_page()
    page.click_slot(monday + timedelta(days=3, hours=9))
    page.fill_title("Offsite")
    page.dialog.get_by_label("All day").check()
    expect(page.dialog.get_by_label("Start time")).to_be_hidden()
    page.dialog.get_by_label("End date").click()
    page.page.locator(f'.month-popover [data-day="{monday + timedelta(days=4):%Y-%m-%d}"]').click()
    page.save()

    expect(page.page.locator(".bar")).to_have_text("Offsite")
    event = google.world.events(ME)[0]
    assert event["start"] == {"date": f"{monday + timedelta(days=3):%Y-%m-%d}"}
    assert event["end"] == {"date": f"{monday + timedelta(days=5):%Y-%m-%d}"}


def test_one_occurrence_is_deleted_and_the_rest_stays(
    calendar_page: OpenPage, monday: datetime
) -> None:
    page = calendar_page()
    page.click_slot(monday + timedelta(hours=9))
    page.fill_title("Daily")
    page.dialog.get_by_label("Repeat").select_option("daily")
    page.save()
    expect(page.piece("Daily")).to_have_count(7)

    page.piece("Daily").nth(2).click()
    page.bubble.get_by_role("button", name="Delete event").click()
    page.page.get_by_role("button", name="OK").click()
    expect(page.piece("Daily")).to_have_count(6)

    page.piece("Daily").first.click()
    page.bubble.get_by_role("button", name="Delete event").click()
    page.page.get_by_label("All events").check()
    page.page.get_by_role("button", name="OK").click()
    expect(page.piece("Daily")).to_have_count(0)


def test_the_bubble_tells_edits_and_duplicates(
    calendar_page: OpenPage, google: GoogleSimulator, monday: datetime
) -> None:
    page = calendar_page()
    page.click_slot(monday + timedelta(days=1, hours=10))
    page.fill_title("Review")
    page.add_guests("sam@acme.test")
    page.save()
    google.world.respond("sam@acme.test", google.world.events(ME)[0]["id"], "accepted")

    # The page looks for changes by itself.
    bubble = page.open_event("Review")
    expect(bubble).to_contain_text("2 guests")
    page.close_bubble()
    expect(page.piece("Review")).to_be_visible()
    page.page.reload()
    page.open_event("Review")
    expect(bubble.locator('[data-email="sam@acme.test"]')).to_have_attribute(
        "data-answer", "accepted"
    )

    bubble.get_by_role("button", name="Duplicate event").click()
    page.editor.get_by_role("textbox", name="Add title").fill("Second review")
    page.save()
    expect(page.piece("Second review")).to_be_visible()
    assert sorted(title for title, _ in stored(google)) == ["Review", "Second review"]


def test_a_guest_answers(
    calendar_page: OpenPage, google: GoogleSimulator, monday: datetime
) -> None:
    page = calendar_page()
    page.click_slot(monday + timedelta(days=1, hours=10))
    page.fill_title("Invitation")
    page.add_guests("sam@acme.test")
    page.save()

    guest = calendar_page(account="sam@acme.test", language="fr")
    bubble = guest.open_event("Invitation")
    expect(bubble.get_by_role("button", name="Modifier l’événement")).to_have_count(0)
    bubble.get_by_role("button", name="Oui").click()
    expect(guest.snackbar).to_have_text("Réponse envoyée")

    attendees = google.world.events(ME)[0]["attendees"]
    assert {one["email"]: one["responseStatus"] for one in attendees}["sam@acme.test"] == "accepted"


def test_changes_made_elsewhere_show_up_by_themselves(
    calendar_page: OpenPage, google: GoogleSimulator, monday: datetime
) -> None:
    page = calendar_page()
    day = f"{monday + timedelta(days=2):%Y-%m-%d}"
    times = {
        name: {"dateTime": f"{day}T{hour}:00:00+01:00", "timeZone": "Europe/Paris"}
        for name, hour in (("start", 10), ("end", 11))
    }

    google.world.insert_event(ME, {"summary": "From elsewhere", **times})

    expect(page.piece("From elsewhere")).to_be_visible()


def test_leaving_the_editor_asks_when_something_would_be_lost(
    calendar_page: OpenPage, google: GoogleSimulator, monday: datetime
) -> None:
    page = calendar_page()
    page.click_slot(monday + timedelta(days=1, hours=10))
    page.more_options()
    page.fill_title("Half done")
    page.page.keyboard.press("Escape")
    page.page.get_by_role("button", name="Cancel").click()
    expect(page.editor).to_be_visible()

    page.editor.get_by_role("button", name="Close").click()
    page.page.get_by_role("button", name="Discard").click()
    expect(page.editor).to_be_hidden()
    assert stored(google) == []


def test_days_and_weeks_are_turned(calendar_page: OpenPage, monday: datetime) -> None:
    page = calendar_page()
    heads = page.page.locator(".day-number")
    expect(heads).to_have_count(7)
    page.page.get_by_role("button", name="Later").click()
    expect(heads.first).to_have_text(str((monday + timedelta(days=7)).day))
    page.page.get_by_role("button", name="Today").click()
    expect(heads.first).to_have_text(str(monday.day))
    expect(page.page.locator(".now-line")).to_have_count(1)

    page.page.get_by_label("View").select_option("day")
    expect(heads).to_have_count(1)


EVENTS = re.compile("/page/api/events[?]")


def test_a_week_that_cannot_be_read_is_said_and_read_again(
    calendar_page: OpenPage, google: GoogleSimulator, monday: datetime
) -> None:
    start = monday + timedelta(days=8, hours=9)
    times = {
        name: {"dateTime": moment.isoformat(), "timeZone": "Europe/Paris"}
        for name, moment in (("start", start), ("end", start + timedelta(hours=1)))
    }
    google.world.insert_event(ME, {"summary": "Next week", **times})
    page = calendar_page()
    page.page.route(EVENTS, lambda route: route.abort())

    page.page.get_by_role("button", name="Later").click()
    expect(page.snackbar).to_have_text(page.text("events.not_read", reason="Failed to fetch"))
    expect(page.page.locator(".day-number").first).to_have_text(str((monday + timedelta(7)).day))
    page.page.get_by_label("View").select_option("day")
    expect(page.page.locator(".day-number")).to_have_count(1)
    page.page.get_by_label("View").select_option("week")

    page.page.unroute(EVENTS)
    expect(page.piece("Next week")).to_be_visible()


def test_what_is_saved_is_saved_although_the_week_cannot_be_read(
    calendar_page: OpenPage, google: GoogleSimulator, monday: datetime
) -> None:
    page = calendar_page()
    page.click_slot(monday + timedelta(days=2, hours=14))
    page.fill_title("Stand-up")
    page.page.route(EVENTS, lambda route: route.abort())
    page.save()
    assert [title for title, _ in stored(google)] == ["Stand-up"]
    page.page.unroute(EVENTS)
    expect(page.piece("Stand-up")).to_be_visible()


def test_a_choice_that_does_not_arrive_is_said(calendar_page: OpenPage) -> None:
    page = calendar_page()
    page.page.route("**/page/api/account", lambda route: route.abort())
    page.page.get_by_role("button", name="Account: Camille Martin").click()
    page.page.get_by_role("button", name="Sam Taylor").click()
    expect(page.snackbar).to_have_text(page.text("event.not_saved", reason="Failed to fetch"))


def test_an_event_can_be_made_without_a_mouse(
    calendar_page: OpenPage, google: GoogleSimulator, monday: datetime
) -> None:
    page = calendar_page()
    keyboard = page.page.keyboard
    page.cell(monday + timedelta(hours=9)).focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "Enter"):
        keyboard.press(key)
    keyboard.type("By keys")
    keyboard.press("Enter")

    expect(page.piece("By keys")).to_be_visible()
    assert stored(google) == [("By keys", wall(monday + timedelta(days=1, hours=11)))]

    page.piece("By keys").focus()
    keyboard.press("Enter")
    expect(page.bubble).to_be_visible()
    keyboard.press("Escape")
    expect(page.bubble).to_be_hidden()


def test_account_and_language_are_switched_in_the_page(calendar_page: OpenPage) -> None:
    page = calendar_page()
    page.page.get_by_role("button", name="Account: Camille Martin").click()
    page.page.get_by_role("button", name="Sam Taylor").click()
    expect(page.page.get_by_role("button", name="Account: Sam Taylor")).to_be_visible()

    page.page.get_by_role("button", name="Language").click()
    page.page.get_by_role("menuitemradio", name="Français").click()
    expect(page.page.get_by_role("button", name="Compte : Sam Taylor")).to_be_visible()
    expect(page.page.locator("html")).to_have_attribute("lang", "fr")
