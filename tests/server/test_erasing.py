"""Erase my data: everywhere, shown with numbers, and finished even when a process dies."""

import re
import time
from dataclasses import dataclass

import pytest
import requests
import sqlalchemy as sa

from addon.erasing import Erasing
from addon.store.tables import erasures, metadata, users
from sandbox.simulation import Fault
from tests.server.browsing import browser, csrf_token, press, sign_in, text_of
from tests.server.calls import CAMILLE, SAM, connect
from tests.server.databases import contents
from tests.server.two_way import TwoWay, activate, begin, saved_room
from tests.support.program import Program

PATIENCE_SECONDS = 60
"""An erasure takes a second on an idle machine."""


@dataclass(frozen=True)
class Story:
    """Camille has two events in sync; Sam is connected as well."""

    rig: TwoWay
    rooms: list[str]
    events: list[str]


def story(program: Program) -> Story:
    rig = begin(program)
    connect(program, account=SAM)
    connect(program)
    activate(program)
    made = [saved_room(rig, summary=title) for title in ("One", "Two")]
    rig.settle()
    return Story(rig, [room["conferenceId"] for _, room in made], [event for event, _ in made])


def erased(program: Program) -> requests.Response:
    """The page that shows what was erased, once all is."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        page = program.get("/integration/erased")
        if "Your data is erased" in page.text:
            return page
        assert re.search("records? erased", page.text)
        assert '<noscript><meta http-equiv="refresh"' in page.text
        time.sleep(0.05)
    raise AssertionError("never erased")


def test_everything_goes_here_and_at_both_companies_and_the_events_stay(program: Program) -> None:
    told = story(program)
    google, livestorm = program.google, program.livestorm
    other = browser(program)
    sign_in(other, CAMILLE)
    with told.rig.product.engine.connect() as connection:
        [camille] = connection.scalars(sa.select(users.c.id).where(users.c.email == CAMILLE))
    asked = text_of(program.get("/integration/erase"))
    for part in ("What is erased", "2 links between events", "What stays"):
        assert part in asked
    session = program.http.cookies["livestorm_calendar"]

    press(program, "/integration/erase", "/integration/erase")
    page = text_of(erased(program))
    for part in ("2 links between events", "1 notification channel", "revoked there"):
        assert part in page
    assert "could not be reached" not in page

    assert not google.channels.open_channels
    assert {call.status for call in google.log.matching("POST", "/revoke")} == {200}
    revoked = livestorm.log.matching("POST", "/oauth/revoke")
    assert {call.status for call in revoked} == {200}
    for event, room in zip(told.events, told.rooms, strict=True):
        assert google.world.event(CAMILLE, event)["status"] == "confirmed"
        assert room in livestorm.world.events

    left = contents(told.rig.product.engine, without=frozenset({"erasures"}))
    with told.rig.product.engine.connect() as connection:
        addresses = set(connection.execute(sa.select(users.c.email)).scalars())
        assert connection.execute(sa.select(erasures.c.user_id)).scalars().all() == [None]
    assert addresses == {SAM}
    for table in ("links", "history", "calendars", "channels", "google_grants"):
        assert left[table] == [], table
    assert len(left["livestorm_connections"]) == 1
    assert [name for name, rows in left.items() if camille in str(rows)] == []
    assert set(left) == set(metadata.tables) - {"erasures"}

    # Nobody is signed in any more: not here, not with the session there was, not elsewhere.
    for browsing in (program, other):
        assert "Sign in with Google" in text_of(browsing.get("/integration"))
    old = browser(program).get("/integration", headers={"Cookie": f"livestorm_calendar={session}"})
    assert "Sign in with Google" in text_of(old)
    assert told.rig.settle() == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_company_that_cannot_be_told_is_named_and_all_is_erased_here(program: Program) -> None:
    told = story(program)
    program.google.faults.add(Fault("status", status=503, path="/revoke", times=None))
    program.livestorm.faults.add(Fault("status", status=503, path="/oauth/revoke", times=None))
    press(program, "/integration/erase", "/integration/erase")
    page = text_of(erased(program))
    assert "Google could not be reached to end the access" in page
    assert "Livestorm could not be reached to end the access" in page
    left = contents(told.rig.product.engine)
    assert left["links"] == left["google_grants"] == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_erasure_whose_process_died_is_finished_by_a_worker(program: Program) -> None:
    product = story(program).rig.product
    with product.engine.connect() as connection:
        found = connection.execute(sa.select(users.c.id).where(users.c.email == CAMILLE))
        user = found.scalar_one()
    dead = Erasing(
        engine=product.engine,
        activation=product.activation,
        connections=product.connections,
        notices=product.notices,
        base_url=program.url,
        start=lambda _: None,
    )
    erasure = dead.begin(user)
    progress = dead.progress(erasure)
    assert progress is not None
    assert (progress.done, progress.finished) == (0, False)
    assert product.erasing.finish_abandoned(most=5) == 1
    progress = dead.progress(erasure)
    assert progress is not None
    assert progress.finished
    assert progress.done == progress.of > 0
    assert product.erasing.finish_abandoned(most=5) == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_only_whoever_asked_sees_what_was_erased(program: Program) -> None:
    begin(program)
    sign_in(program, CAMILLE)
    press(program, "/integration/erase", "/integration/erase")
    assert "Your account here" in text_of(erased(program))
    sam = browser(program)
    sign_in(sam, SAM)
    assert sam.get("/integration/erased").url == f"{program.url}/integration"
    token = csrf_token(sam.get("/integration/erase"))
    assert (
        browser(program).post("/integration/erase", data={"csrf_token": token}).status_code == 400
    )
