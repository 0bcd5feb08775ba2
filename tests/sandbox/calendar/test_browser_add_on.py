"""The add-on inside the page: conferences and cards, from the real bridge in a real browser."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from sandbox.google import GoogleSimulator
from tests.sandbox.calendar.calendar_page import CalendarPage
from tests.sandbox.calendar.scripted_add_on import ScriptedAddOn, conference, pushed, room

pytestmark = pytest.mark.browser

ME = "camille@acme.test"
OpenPage = Callable[..., CalendarPage]


def button(text: str, url: str, **action: Any) -> dict[str, Any]:
    return {
        "buttonList": {
            "buttons": [{"text": text, "onClick": {"action": {"function": url, **action}}}]
        }
    }


# Conferences


def test_a_conference_is_made_by_the_bridge_and_joined(
    calendar_page: OpenPage, add_on: ScriptedAddOn, google: GoogleSimulator, monday: datetime
) -> None:
    add_on.answers["/addon/conference"] = conference(room(f"{add_on.url}/room"))
    page = calendar_page()
    page.click_slot(monday + timedelta(days=1, hours=10))
    page.fill_title("With a room")
    add_on.gate.clear()
    page.choose_conference()
    expect(page.form).to_contain_text("Adding conference…")
    expect(page.form.get_by_role("button", name="Save", exact=True)).to_be_disabled()
    add_on.gate.set()
    expect(page.join).to_have_attribute("href", f"{add_on.url}/room")
    page.save()

    event = google.world.events(ME)[0]
    # Calendar asks before the event exists, with the id it will have.
    assert add_on.asked("/addon/conference")[0]["calendar"] == {
        "calendarId": ME,
        "id": event["id"],
    }
    page.open_event("With a room")
    with page.page.context.expect_page() as opened:
        page.join.click()
    assert opened.value.url == f"{add_on.url}/room"


def test_signing_in_happens_in_a_window_and_the_solution_is_chosen_again(
    calendar_page: OpenPage, add_on: ScriptedAddOn, monday: datetime
) -> None:
    error = {"type": "AUTHENTICATION", "authenticationUrl": f"{add_on.url}/sign-in"}
    add_on.answers["/addon/conference"] = conference({"error": error})
    page = calendar_page()
    page.click_slot(monday + timedelta(days=1, hours=10))
    page.choose_conference()
    with page.page.expect_popup() as window:
        page.form.get_by_role("button", name="Sign in").click()
    expect(window.value.get_by_role("heading")).to_have_text("sign-in")
    window.value.close()

    add_on.answers["/addon/conference"] = conference(room(f"{add_on.url}/room"))
    page.choose_conference()
    expect(page.join).to_be_visible()


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    "kind", ["TEMPORARY", "PERMANENT", "PERMISSION_DENIED", "CONFERENCE_SOLUTION_FORBIDDEN"]
)
def test_failures_are_told_and_can_be_tried_again(
    calendar_page: OpenPage, add_on: ScriptedAddOn, monday: datetime, language: str, kind: str
) -> None:
    add_on.answers["/addon/conference"] = conference({"error": {"type": kind}})
    page = calendar_page(language=language)
    page.click_slot(monday + timedelta(days=1, hours=10))
    page.choose_conference()

    alert = page.form.get_by_role("alert")
    expect(alert).to_contain_text(page.text("conference.failed"))
    expect(alert).to_contain_text(page.text(f"conference.error.{kind}"))

    add_on.answers["/addon/conference"] = conference(room(f"{add_on.url}/room"))
    page.choose_conference()
    expect(page.join).to_be_visible()


def test_a_server_that_answers_nothing_sensible_is_a_failure(
    calendar_page: OpenPage, add_on: ScriptedAddOn, monday: datetime
) -> None:
    page = calendar_page()
    page.click_slot(monday + timedelta(days=1, hours=10))

    page.choose_conference()

    expect(page.form.get_by_role("alert")).to_contain_text("Failed to create conference")


def test_a_conference_removed_while_it_is_made_stays_away(
    calendar_page: OpenPage, add_on: ScriptedAddOn, google: GoogleSimulator, monday: datetime
) -> None:
    add_on.answers["/addon/conference"] = conference(room(f"{add_on.url}/room"))
    page = calendar_page()
    page.click_slot(monday + timedelta(days=1, hours=10))
    page.fill_title("Meet")
    page.choose_conference("Livestorm")
    expect(page.join).to_be_visible()
    page.form.get_by_role("button", name="Remove conference").click()
    page.choose_conference("Google Meet")
    expect(page.form.get_by_role("link", name="Join Google Meet")).to_be_visible()
    page.save()

    data = google.world.events(ME)[0]["conferenceData"]
    assert data["conferenceSolution"]["key"]["type"] == "hangoutsMeet"


# Cards

EVERY_WIDGET: list[dict[str, Any]] = [
    {"textParagraph": {"text": 'A <b>bold</b> word, <img src=x onerror="stop()"> and a line'}},
    {
        "decoratedText": {
            "topLabel": "Above",
            "text": "Decorated",
            "bottomLabel": "Below",
            "wrapText": True,
            "startIcon": {"knownIcon": "CLOCK"},
        }
    },
    {"textInput": {"name": "template_id", "label": "Event ID", "hintText": "Paste it here"}},
    {
        "selectionInput": {
            "name": "choice",
            "label": "Choice",
            "type": "DROPDOWN",
            "items": [
                {"text": "First", "value": "1", "selected": False},
                {"text": "Second", "value": "2", "selected": True},
            ],
        }
    },
    {
        "selectionInput": {
            "name": "ticks",
            "label": "Ticks",
            "type": "CHECK_BOX",
            "items": [
                {"text": "One", "value": "one", "selected": True},
                {"text": "Two", "value": "two", "selected": False},
            ],
        }
    },
    {"divider": {}},
]


def test_every_widget_is_drawn_and_sent_back(
    calendar_page: OpenPage, add_on: ScriptedAddOn
) -> None:
    url = f"{add_on.url}/addon/template"
    parameters = [{"key": "from", "value": "panel"}]
    widgets = [*EVERY_WIDGET, button("SAVE", url, parameters=parameters)]
    add_on.answers["/addon/home"] = pushed({"header": "All", "widgets": widgets})
    add_on.answers["/addon/template"] = {
        "action": {
            "navigations": [
                {
                    "updateCard": {
                        "header": {"title": "Saved"},
                        "sections": [{"widgets": [{"textParagraph": {"text": "Done"}}]}],
                    }
                }
            ],
            "notification": {"text": "It is saved"},
        }
    }
    page = calendar_page(language="fr")
    page.open_panel()

    expect(page.card.locator("b")).to_have_text("bold")
    expect(page.card.locator("img[onerror]")).to_have_count(0)
    page.card.get_by_label("Event ID").fill("  abc ")
    page.card.get_by_label("Two").check()
    add_on.gate.clear()
    page.card.get_by_role("button", name="SAVE").click()
    expect(page.panel.locator(".panel-busy")).to_be_visible()
    add_on.gate.set()
    expect(page.card).to_contain_text("Done")
    expect(page.snackbar).to_have_text("It is saved")

    common = add_on.asked("/addon/template")[0]["commonEventObject"]
    assert common["userLocale"] == "fr-FR"
    assert common["timeZone"]["id"] == "Europe/Paris"
    assert common["formInputs"] == {
        "template_id": {"stringInputs": {"value": ["  abc "]}},
        "choice": {"stringInputs": {"value": ["2"]}},
        "ticks": {"stringInputs": {"value": ["one", "two"]}},
    }
    assert common["parameters"]["from"] == "panel"


def test_cards_stack_and_the_arrow_goes_back(
    calendar_page: OpenPage, add_on: ScriptedAddOn
) -> None:
    url = f"{add_on.url}/addon/template"
    add_on.answers["/addon/home"] = pushed({"widgets": [button("Next", url)]}, title="First")
    add_on.answers["/addon/template"] = pushed(
        {"widgets": [{"textParagraph": {"text": "Deeper"}}]}, title="Second"
    )
    page = calendar_page()
    page.open_panel()
    page.card.get_by_role("button", name="Next").click()
    expect(page.card.get_by_role("heading")).to_have_text("Second")

    page.panel.get_by_role("button", name="Back").click()

    expect(page.card.get_by_role("heading")).to_have_text("First")
    expect(page.panel.get_by_role("button", name="Back")).to_have_count(0)


def test_a_window_that_closes_runs_the_trigger_again(
    calendar_page: OpenPage, add_on: ScriptedAddOn
) -> None:
    link = {"url": f"{add_on.url}/sign-in", "openAs": "OVERLAY", "onClose": "RELOAD"}
    connect = {"buttonList": {"buttons": [{"text": "Connect", "onClick": {"openLink": link}}]}}
    add_on.answers["/addon/home"] = pushed({"widgets": [connect]}, title="Connect")
    page = calendar_page()
    page.open_panel()
    with page.page.expect_popup() as window:
        page.card.get_by_role("button", name="Connect").click()
    expect(page.panel.locator(".panel-busy")).to_be_visible()

    add_on.answers["/addon/home"] = pushed(
        {"widgets": [{"textParagraph": {"text": "You are in"}}]}, title="Connected"
    )
    window.value.close()

    expect(page.card.get_by_role("heading")).to_have_text("Connected")
    expect(page.panel.locator(".panel-busy")).to_have_count(0)


def test_an_open_event_brings_its_own_card(
    calendar_page: OpenPage, add_on: ScriptedAddOn, google: GoogleSimulator, monday: datetime
) -> None:
    line = {"widgets": [{"textParagraph": {"text": "x"}}]}
    add_on.answers["/addon/home"] = pushed(line, title="Home")
    add_on.answers["/addon/event"] = lambda event: pushed(
        line, title=f"Event of {event['calendar']['calendarId']}"
    )
    page = calendar_page()
    page.click_slot(monday + timedelta(days=1, hours=10))
    page.fill_title("Opened")
    page.save()
    page.open_panel()
    expect(page.card.get_by_role("heading")).to_have_text("Home")

    page.open_event("Opened")

    expect(page.card.get_by_role("heading")).to_have_text(f"Event of {ME}")
    event = google.world.events(ME)[0]
    seen = add_on.asked("/addon/event")[0]["calendar"]
    assert (seen["id"], seen["organizer"]) == (event["id"], {"email": ME})
    page.close_bubble()
    expect(page.card.get_by_role("heading")).to_have_text("Home")


def test_signing_out_and_settings_are_in_the_menu(
    calendar_page: OpenPage, add_on: ScriptedAddOn
) -> None:
    line = {"widgets": [{"textParagraph": {"text": "x"}}]}
    add_on.answers["/addon/home"] = pushed(line, title="Home")
    add_on.answers["/addon/sign-out"] = pushed(line, title="Signed out")
    settings = {"createConferenceSettingUrlActionMarkup": {"settingsUrl": f"{add_on.url}/settings"}}
    add_on.answers["/addon/settings-url"] = {"hostAppAction": {"calendarAction": settings}}
    page = calendar_page()
    page.open_panel()

    page.menu("Sign out of Livestorm")
    expect(page.card.get_by_role("heading")).to_have_text("Signed out")

    with page.page.expect_popup() as opened:
        page.menu("Settings")
    expect(opened.value.get_by_role("heading")).to_have_text("settings")


def test_a_script_that_fails_is_told_like_at_google(
    calendar_page: OpenPage, add_on: ScriptedAddOn
) -> None:
    # A widget that the bridge knows how to build, with a name the service refuses.
    page = calendar_page()
    page.page.route("**/apps_script/project/triggers.js", lambda route: route.fulfill(status=404))

    page.page.locator("#rail").get_by_role("button", name="Livestorm").click()

    expect(page.panel.get_by_role("alert")).to_contain_text("Something went wrong")
    page.page.unroute("**/apps_script/project/triggers.js")
    add_on.answers["/addon/home"] = pushed(
        {"widgets": [{"textParagraph": {"text": "x"}}]}, title="Home"
    )
    page.panel.get_by_role("alert").get_by_role("button", name="Refresh").click()
    expect(page.card.get_by_role("heading")).to_have_text("Home")


def test_required_fields_stop_a_click(calendar_page: OpenPage, add_on: ScriptedAddOn) -> None:
    field = {"textInput": {"name": "must", "label": "Must"}}
    save = button("SAVE", f"{add_on.url}/addon/template", requiredWidgets=["must"])
    add_on.answers["/addon/home"] = pushed({"widgets": [field, save]})
    page = calendar_page()
    page.open_panel()

    page.card.get_by_role("button", name="SAVE").click()

    expect(page.snackbar).to_have_text(page.text("card.required"))
    assert add_on.asked("/addon/template") == []


# The drawer


def test_trouble_is_switched_on_by_hand(calendar_page: OpenPage, livestorm: Any) -> None:
    page = calendar_page()
    page.page.get_by_role("button", name="Simulator controls").click()

    page.page.get_by_role("switch", name="Livestorm is down").check()

    expect(page.snackbar).to_have_text("Done")
    assert [fault.status for fault in livestorm.faults] == [503]
    page.page.get_by_role("button", name="Everything normal").click()
    expect(page.page.get_by_role("switch", name="Livestorm is down")).not_to_be_checked()
    assert len(livestorm.faults) == 0
