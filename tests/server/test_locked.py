"""Whoever waits for a card is answered soon although somebody holds what it has to write."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from addon.store import engine as store
from addon.store.tables import links, metadata
from tests.server.calls import CAMILLE, calendar_event, conference_of
from tests.server.two_way import TwoWay, saved_room

PATIENCE = store.PERSON_SECONDS + 3


@contextmanager
def held(engine: sa.Engine) -> Iterator[None]:
    """Somebody is writing everywhere and does not come to an end."""
    if engine.dialect.name == "sqlite":
        other = sqlite3.connect(str(engine.url.database), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        yield
        other.close()
        return
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            connection.execute(sa.text(f"lock table {table.name} in share mode"))
        yield


def test_card_that_has_nothing_to_store_is_shown(two_way: TwoWay) -> None:
    event_id, _ = saved_room(two_way)
    two_way.settle()
    event = {"calendar": {"calendarId": CAMILLE, "id": event_id}}
    with held(two_way.product.engine):
        began = time.monotonic()
        card = two_way.program.addon("/addon/event", event=event)
        assert time.monotonic() - began < PATIENCE
    assert card.status_code == 200
    assert "Launch webinar" in card.text or "In sync" in card.text
    assert "went wrong" not in card.text


@pytest.mark.parametrize("path", ["/addon/sync", "/addon/sign-out"])
def test_press_that_cannot_be_stored_is_told_soon(two_way: TwoWay, path: str) -> None:
    event_id, _ = saved_room(two_way)
    two_way.settle()
    event = {"calendar": {"calendarId": CAMILLE, "id": event_id}}
    with held(two_way.product.engine):
        began = time.monotonic()
        card = two_way.program.addon(path, event=event)
        assert time.monotonic() - began < PATIENCE
    assert card.status_code == 200
    assert "Something went wrong" in card.text
    # Once it is over, all goes on.
    assert "Something went wrong" not in two_way.program.addon(path, event=event).text


def test_room_that_cannot_be_noted_is_refused_soon_and_given_later(two_way: TwoWay) -> None:
    event_id = calendar_event(two_way.program)
    event = {"calendar": {"calendarId": CAMILLE, "id": event_id}}
    with held(two_way.product.engine):
        began = time.monotonic()
        answer = two_way.program.addon("/addon/conference", event=event)
        assert time.monotonic() - began < PATIENCE
    assert conference_of(answer)["error"]["type"] == "UNKNOWN"
    assert "error" not in conference_of(two_way.program.addon("/addon/conference", event=event))


def test_other_threads_have_time(two_way: TwoWay) -> None:
    """What a request leaves to others is not in a hurry, nor is the next request."""
    with store.patient(0.1), held(two_way.product.engine), pytest.raises(sa.exc.SQLAlchemyError):
        write(two_way.product.engine)
    write(two_way.product.engine)
    with store.writing(two_way.product.engine) as connection:
        asked = (
            "PRAGMA busy_timeout" if connection.dialect.name == "sqlite" else "SHOW lock_timeout"
        )
        assert connection.exec_driver_sql(asked).scalar() in {30_000, "0"}


def write(engine: sa.Engine) -> None:
    with store.writing(engine) as connection:
        connection.execute(sa.update(links).values(state="active"))
