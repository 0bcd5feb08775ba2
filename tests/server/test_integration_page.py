"""The integration page over HTTP: setting up, the list, an event's page, the calendar.

One program and one person, Camille, for the whole module; each test says what it adds.
"""

import os
import re
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
import sqlalchemy as sa
import time_machine

from addon.store import tickets
from addon.store.tables import google_grants, links, users
from addon.sync.service import MARKED_AT_ONCE
from sandbox.google import GoogleSimulator
from sandbox.livestorm import LivestormSimulator
from tests.conftest import SHARED
from tests.server.browsing import browser, csrf_token, press, sign_in, text_of
from tests.server.calls import CAMILLE, SAM, ask_for_room, calendar_event, connect
from tests.server.two_way import TwoWay, activate, begin, saved_room
from tests.support.databases import fresh_database
from tests.support.program import Program
from tests.support.running import environment, running

TITLE = "Launch & learn"

PATIENCE_SECONDS = 30
"""Marking takes milliseconds on an idle machine."""


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoWay]:
    """Camille is connected and has activated; one of her events was made before."""
    folder = tmp_path_factory.mktemp("pages")
    google, livestorm = GoogleSimulator(), LivestormSimulator()
    with (
        fresh_database("sqlite", shared=Path(os.environ[SHARED]), folder=folder) as url,
        google.serve(),
        livestorm.serve(),
        running(environment(url, google, livestorm), google, livestorm) as program,
    ):
        rig = begin(program)
        connect(program)
        before = calendar_event(program, summary="Made before")
        ask_for_room(program, before)
        activate(program)
        yield rig


@pytest.fixture
def program(rig: TwoWay) -> Program:
    """Camille's browser."""
    return rig.program


@pytest.fixture(scope="module")
def event(rig: TwoWay) -> str:
    """The id of an event of Camille's that was renamed in Calendar; with guests."""
    event_id, _ = saved_room(
        rig,
        summary="Launch",
        attendees=[{"email": "ada@customer.test"}, {"email": "all-staff@acme.test"}],
    )
    rig.settle()
    rig.program.google.world.patch_event(CAMILLE, event_id, {"summary": TITLE})
    rig.settle()
    return link_of(rig, event_id)


def link_of(rig: TwoWay, event_id: str) -> str:
    with rig.product.engine.connect() as connection:
        found = connection.execute(sa.select(links.c.id).where(links.c.event_id == event_id))
        return str(found.scalar_one())


def set_on(rig: TwoWay, table: sa.Table, **values: object) -> None:
    with rig.product.engine.begin() as connection:
        connection.execute(sa.update(table).values(values))


class TestSigningIn:
    def test_leads_back_to_the_page_that_was_asked_for(self, program: Program) -> None:
        other = browser(program)
        asked = other.get("/integration/calendar?view=week")
        assert asked.status_code == 401
        link = re.search(r'href="(/google/sign-in[^"]*)"', asked.text)
        assert link is not None
        assert unquote(link[1]).endswith("next=/integration/calendar?view=week")
        page = sign_in(other, SAM, "/integration/calendar?view=week")
        assert page.url == f"{other.url}/integration/calendar?view=week"

    @pytest.mark.parametrize(
        "then", ["https://evil.test/integration", "//evil.test/", "/addon/home", "/\\evil.test"]
    )
    def test_leads_nowhere_else(self, program: Program, then: str) -> None:
        page = sign_in(browser(program), SAM, then)
        assert page.url == f"{program.url}/integration"

    def test_begins_a_session_of_its_own(self, program: Program) -> None:
        """Whoever planted a session in this browser does not share the new one."""
        other = browser(program)
        other.get("/integration?lang=fr")
        sign_in(other, SAM)
        before = other.http.cookies["livestorm_calendar"]
        page = sign_in(other, CAMILLE)
        assert other.http.cookies["livestorm_calendar"] != before
        assert CAMILLE in text_of(page)
        planted = browser(program)
        page = planted.get("/integration", headers={"Cookie": f"livestorm_calendar={before}"})
        assert SAM in text_of(page)
        assert CAMILLE not in text_of(page)

    def test_from_a_card_works_once_and_for_ten_minutes(self, program: Program) -> None:
        card = program.addon("/addon/home").text
        found = re.search(r'"(http[^"]+/integration/from-addon\?[^"]+)"', card)
        assert found is not None, card
        link = found[1].replace("\\u0026", "&").removeprefix(program.url)
        other = browser(program)
        assert CAMILLE in text_of(other.get(link))
        assert "Sign in with Google" in text_of(browser(program).get(link))

        later = datetime.now(UTC) + tickets.LIFETIME + timedelta(seconds=1)
        late = program.addon("/addon/home").text
        found = re.search(r'"(http[^"]+/integration/from-addon\?[^"]+)"', late)
        assert found is not None
        with time_machine.travel(later, tick=True):
            page = browser(program).get(found[1].removeprefix(program.url))
        assert "Sign in with Google" in text_of(page)

    def test_with_a_forged_ticket_signs_nobody_in(self, program: Program, rig: TwoWay) -> None:
        with rig.product.engine.connect() as connection:
            user = connection.execute(sa.select(users.c.id)).scalars().first()
        for ticket in ("", "x", f"[{user!r},99999999999999].forged", "x" * 5_000):
            page = browser(program).get("/integration/from-addon", params={"ticket": ticket})
            assert "Sign in with Google" in text_of(page)


class TestSettingUp:
    def test_missing_steps_are_shown_in_order(self, program: Program) -> None:
        sam = browser(program)
        page = text_of(sign_in(sam, SAM))
        steps = [
            "Connect Livestorm",
            "Activate the Google Calendar integration",
            "Add Livestorm to Google Calendar",
            "Make Livestorm your usual video conference",
        ]
        places = [page.index(step) for step in steps]
        assert places == sorted(places)
        assert "4 steps are left." in page

        page = text_of(press(sam, "/integration", "/integration/steps/add_on"))
        assert steps[2] not in page
        assert "3 steps are left." in page
        # What the program can find out for itself is taken from nobody's word.
        token = csrf_token(sam.get("/integration"))
        sam.post("/integration/steps/activate", data={"csrf_token": token})
        assert steps[1] in text_of(sam.get("/integration"))

    def test_side_panel_says_who_is_connected_and_what_is_shared(self, program: Program) -> None:
        panel = text_of(program.get("/integration/google-calendar"))
        panel = panel[panel.index("Connected accounts") :]
        for part in (CAMILLE, "Acme", "usual settings", "What is shared with whom"):
            assert part in panel

    def test_deactivating_is_explained_then_done_and_activating_goes_on(
        self, program: Program, rig: TwoWay, event: str
    ) -> None:
        asked = text_of(program.get("/integration/deactivate"))
        assert "What stops" in asked
        assert "What stays" in asked
        panel = press(program, "/integration/deactivate", "/integration/deactivate")
        assert panel.url == f"{program.url}/integration/google-calendar"
        assert "Not activated" in text_of(panel)
        assert not program.google.channels.open_channels
        assert "not activated" in text_of(program.get(f"/integration/events/{event}"))

        activate(program)
        page = program.get("/integration")
        assert re.search(r"0 of \d+ events? compared", text_of(page))
        assert "<progress" in page.text
        rig.settle()
        assert "compared" not in text_of(program.get("/integration"))

    def test_activating_with_many_events_shows_how_far_it_is(
        self, program: Program, rig: TwoWay, event: str
    ) -> None:
        copies = [f"{number:032}" for number in range(MARKED_AT_ONCE + 20)]
        engine = rig.product.engine
        with engine.begin() as connection:
            row = connection.execute(sa.select(links).where(links.c.id == event)).one()._asdict()
            connection.execute(
                sa.insert(links), [{**row, "id": one, "event_id": one} for one in copies]
            )
        try:
            activate(program)
            page = text_of(program.get("/integration"))
            found = re.search(r"0 of (\d+) events compared", page)
            assert found is not None, page
            assert int(found[1]) > len(copies)
            outstanding = sa.select(sa.func.count()).where(
                links.c.id.in_(copies), links.c.dirty_at.is_not(None)
            )
            deadline = time.monotonic() + PATIENCE_SECONDS
            while time.monotonic() < deadline:
                with engine.connect() as connection:
                    if connection.execute(outstanding).scalar_one() == len(copies):
                        break
                time.sleep(0.05)
            else:
                raise AssertionError("not all of them are on their way")
        finally:
            with engine.begin() as connection:
                connection.execute(sa.delete(links).where(links.c.id.in_(copies)))
        rig.settle()

    def test_access_that_google_ended_is_told_on_every_page_with_what_to_press(
        self, program: Program, rig: TwoWay, event: str
    ) -> None:
        set_on(rig, google_grants, state="revoked")
        try:
            for page in ("/integration", f"/integration/events/{event}"):
                shown = program.get(page)
                assert "Google no longer gives us access" in text_of(shown)
                assert 'href="/google/activate"' in shown.text
        finally:
            set_on(rig, google_grants, state="active")


class TestTheList:
    def test_says_how_each_event_stands(self, program: Program, event: str) -> None:
        page = program.get("/integration")
        row = text_of_row(page.text, event)
        for part in (
            TITLE,
            "In sync",
            "Title changed",
            "Google Calendar ·",
            "1 group address",
            "guests synced",
        ):
            assert part in row, row
        assert f"{program.livestorm.url}/dashboard/events/" in page.text
        assert f"{program.google.url}/?eid=" in page.text
        assert "Not synced" in text_of(page), "the event made before activation"

    def test_is_searched_and_filtered(self, program: Program, event: str) -> None:
        assert event in program.get("/integration", params={"q": "LAUNCH &"}).text
        assert event not in program.get("/integration", params={"q": "before"}).text
        assert event in program.get("/integration", params={"state": "synced"}).text
        assert event not in program.get("/integration", params={"state": "problem"}).text
        assert event not in program.get("/integration", params={"when": "past"}).text
        nothing = program.get("/integration", params={"q": "<b>nothing</b>"})
        assert "No event found for “<b>nothing</b>”." in text_of(nothing)
        assert "<b>nothing" not in nothing.text

    @pytest.mark.parametrize(
        "query", ["page=0", "page=-3", "page=99999999999", "page=x", "when=x&state=x"]
    )
    def test_takes_any_address(self, program: Program, query: str) -> None:
        assert program.get(f"/integration?{query}").status_code == 200

    def test_sync_now_leads_back_to_where_it_was_pressed(
        self, program: Program, rig: TwoWay, event: str
    ) -> None:
        action = f"/integration/events/{event}/sync"
        page = press(program, "/integration", action, back="/integration?q=launch")
        assert page.url == f"{program.url}/integration?q=launch"
        assert 'hx-trigger="every 2s"' in page.text, "it moves until the comparison is done"
        assert '<noscript><meta http-equiv="refresh"' in page.text
        elsewhere = press(program, "/integration", action, back="https://evil.test/")
        assert elsewhere.url == f"{program.url}/integration"
        assert rig.settle() >= 1
        assert "every 2s" not in program.get("/integration?q=launch").text


def text_of_row(page: str, link_id: str) -> str:
    """What the list says of one event."""
    rows = re.findall(r'(?s)<li class="row">.*?</li>', page)
    found = next(row for row in rows if link_id in row)
    return " ".join(re.sub(r"<[^>]*>", " ", found).replace("&amp;", "&").split())


class TestAnEvent:
    def test_shows_both_sides_guests_and_history(self, program: Program, event: str) -> None:
        page = text_of(program.get(f"/integration/events/{event}"))
        for part in (
            "In sync",
            "Both sides",
            "60 minutes",
            "All about the launch",
            "all-staff@acme.test",
            "Looks like a group address",
            "Title changed",
            "Before Launch",
            f"After {TITLE}",
            "Livestorm room created",
        ):
            assert part in page, part

    def test_is_its_owners_alone(self, program: Program, rig: TwoWay, event: str) -> None:
        sam = browser(program)
        assert sam.get(f"/integration/events/{event}").status_code == 401
        sign_in(sam, SAM)
        assert sam.get(f"/integration/events/{event}").status_code == 404
        token = csrf_token(sam.get("/integration"))
        pressed = sam.post(f"/integration/events/{event}/sync", data={"csrf_token": token})
        assert pressed.status_code == 404
        assert rig.settle() == 0
        for page in ("/integration", "/integration/calendar?date=2027-03-10"):
            assert event not in sam.get(page).text

    def test_says_what_is_wrong_and_when_it_is_tried_again(
        self, program: Program, rig: TwoWay, event: str
    ) -> None:
        stored = {"kind": "rate_limited", "until": "2027-03-01T10:00:00+00:00"}
        set_on(rig, links, trouble=stored, failures=1)
        page = text_of(program.get(f"/integration/events/{event}"))
        assert "Needs attention" in page
        assert "used up the requests" in page
        assert "Next try: Mar 1, 2027, 11:00" in page, "in Camille's own zone"
        press(program, f"/integration/events/{event}", f"/integration/events/{event}/sync")
        rig.settle()
        set_on(rig, links, trouble=None, failures=0)
        assert "Needs attention" not in text_of(program.get(f"/integration/events/{event}"))

    def test_registering_many_guests_shows_how_far_it_is(
        self, program: Program, rig: TwoWay
    ) -> None:
        guests = [{"email": f"guest{number}@customer.test"} for number in range(120)]
        event_id, _ = saved_room(rig, summary="Crowd", attendees=guests)
        page = f"/integration/events/{link_of(rig, event_id)}"
        seen: set[str] = set()
        done = threading.Event()

        def look() -> None:
            other = browser(program)
            sign_in(other, CAMILLE)
            while not done.wait(0.1):
                seen.update(re.findall(r"(\d+) of 120 guests registered", text_of(other.get(page))))

        watcher = threading.Thread(target=look)
        watcher.start()
        rig.settle()
        done.set()
        watcher.join()
        assert seen & {"50", "100"}, "it moved while somebody looked"
        shown = text_of(program.get(page))
        assert "guests registered" not in shown
        assert "120 guests are on both sides." in shown


class TestTheCalendar:
    @pytest.mark.parametrize("view", ["month", "week"])
    def test_shows_events_on_their_day_in_green_or_blue(
        self, program: Program, event: str, view: str
    ) -> None:
        page = program.get("/integration/calendar", params={"view": view, "date": "2027-03-10"})
        entry = re.search(rf'(?s)<a class="entry (\w+)"[^>]*{event}.*?</a>', page.text)
        assert entry is not None, page.text
        assert entry[1] == "good"
        assert "3:00" in entry[0], "Paris time"
        assert "In sync" in entry[0]
        other = re.search(r'(?s)<a class="entry (\w+)"[^>]*>(?:(?!</a>).)*Made before', page.text)
        assert other is not None
        assert other[1] == "other"
        before = program.get("/integration/calendar", params={"view": view, "date": "2026-01-10"})
        assert event not in before.text

    def test_goes_back_and_forth(self, program: Program) -> None:
        page = program.get("/integration/calendar?date=2027-01-31").text
        assert "January 2027" in page
        assert "date=2026-12-01" in page
        assert "date=2027-02-01" in page
        week = program.get("/integration/calendar?view=week&date=2027-01-01").text
        assert "date=2026-12-25" in week
        assert "date=2027-01-08" in week

    @pytest.mark.parametrize(
        "day", ["0001-01-01", "9999-12-31", "tomorrow", "2027-02-30", "2026-W"]
    )
    def test_takes_any_date(self, program: Program, day: str) -> None:
        for view in ("month", "week"):
            page = program.get("/integration/calendar", params={"view": view, "date": day})
            assert page.status_code == 200


class TestLanguages:
    def test_speaks_as_the_browser_asks_until_somebody_chooses(self, program: Program) -> None:
        other = browser(program)
        german = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}
        assert "Mit Google anmelden" in other.get("/integration", headers=german).text
        assert "Iniciar sesión con Google" in other.get("/integration?lang=es").text
        # It is kept, also when somebody signs in.
        assert "Pasos" not in text_of(sign_in(other, SAM))
        kept = other.get("/integration", headers=german)
        assert '<html lang="es">' in kept.text
        assert '<html lang="es">' in other.get("/integration?lang=xx").text

    def test_writes_dates_as_the_reader_does(self, program: Program, event: str) -> None:
        address = f"/integration/events/{event}"
        expected = {
            "en-US": "Wed, Mar 10, 2027, 3:00\u202fPM – 4:00\u202fPM",
            "en-GB": "Wed, 10 Mar 2027, 15:00 – 16:00",
            "fr-FR": "mer. 10 mars 2027, 15:00 – 16:00",
            "de-DE": "Mi., 10. März 2027, 15:00 – 16:00",
            "es-ES": "mié, 10 mar 2027, 15:00 – 16:00",
        }
        for language, written in expected.items():
            page = program.get(address, headers={"Accept-Language": language})
            assert written.replace("\u202f", " ") in text_of(page), language


def test_nothing_is_changed_without_the_pages_own_token(program: Program) -> None:
    for path in ("deactivate", "erase", "include", "sign-out", "steps/default"):
        answer = program.post(f"/integration/{path}", data={"csrf_token": "forged"})
        assert answer.status_code == 400, path
    assert "Activated" in text_of(program.get("/integration"))


def test_pages_hold_no_code_of_their_own(program: Program, event: str) -> None:
    """The policy would stop it; nothing is to be stopped."""
    paths = ("", "/google-calendar", "/calendar?view=week", f"/events/{event}", "/erase")
    for path in paths:
        page = program.get(f"/integration{path}")
        assert "script-src 'self'" in page.headers["Content-Security-Policy"]
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|hx-on", page.text), path
        assert all("src=" in tag for tag in re.findall("<script[^>]*>", page.text)), path
