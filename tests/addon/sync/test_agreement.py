"""What a list shows of Livestorm is held against what was agreed on before a call is spent."""

from dataclasses import replace
from datetime import timedelta

import pytest

from addon.livestorm.resources import Event
from addon.sync.agreement import BaseAgreement
from addon.sync.stored import to_json
from tests.addon.sync.calendar_model import event
from tests.addon.sync.world import met

WORLD = met(event(recurrence=["RRULE:FREQ=WEEKLY"]), occurrence_sessions=3)
BASE = to_json(WORLD.base)
LISTED: Event = WORLD.livestorm._event()


def agree(listed: Event) -> bool:
    return BaseAgreement().event(BASE, listed)


def test_what_was_agreed_on_is_no_news() -> None:
    assert agree(LISTED)


def test_an_event_that_came_without_its_sessions_lost_none() -> None:
    assert agree(replace(LISTED, sessions=()))


def test_a_session_that_is_missing_among_the_others_is_news() -> None:
    assert not agree(replace(LISTED, sessions=LISTED.sessions[1:]))


@pytest.mark.parametrize("how", ["at", "status"])
def test_a_cancelled_session_is_news(how: str) -> None:
    first, *others = LISTED.sessions
    if how == "at":
        first = replace(first, canceled_at=first.starts_at)
    else:
        first = replace(first, status="canceled")
    assert not agree(replace(LISTED, sessions=(first, *others)))


def test_a_session_that_was_moved_is_news() -> None:
    first, *others = LISTED.sessions
    assert first.starts_at is not None
    first = replace(first, starts_at=first.starts_at + timedelta(hours=1))
    assert not agree(replace(LISTED, sessions=(first, *others)))
