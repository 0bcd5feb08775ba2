"""What is over goes, with all that hangs on it; everything else stays."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from addon.store import retention
from addon.store.tables import history, intents, links
from tests.addon.store.test_figures import NOW, link, person

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)


def note(connection: sa.Connection, link_id: str, at: datetime) -> None:
    line = {"link_id": link_id, "at": at, "side": "calendar", "what": "title", "detail": {}}
    connection.execute(sa.insert(history).values(line))


def left(engine: sa.Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.execute(sa.select(links.c.id)).scalars())


def test_history_goes_when_it_is_half_a_year_old(engine: sa.Engine) -> None:
    user_id = person(engine)
    old, young = NOW - retention.HISTORY - HOUR, NOW - retention.HISTORY + HOUR
    with engine.begin() as connection:
        link(connection, user_id, id="a")
        for at in (old, old, old, old, old, young, young, young):
            note(connection, "a", at)
    assert retention.trim_history(engine, NOW) == 5
    assert retention.trim_history(engine, NOW) == 0
    with engine.connect() as connection:
        assert set(connection.execute(sa.select(history.c.at)).scalars()) == {young}
    assert left(engine) == {"a"}, "the link itself is in use"


def test_links_go_when_they_are_over(engine: sa.Engine) -> None:
    user_id = person(engine)
    long_ago = NOW - timedelta(days=900)
    ended, just_ended = NOW - retention.FINISHED - HOUR, NOW - retention.FINISHED + HOUR
    begun, just_begun = NOW - retention.PAST - HOUR, NOW - retention.PAST + HOUR
    over: dict[str, dict[str, Any]] = {
        "unlinked": {"state": "unlinked"},
        "deleted": {"state": "deleted"},
        "past": {"starts_at": begun},
        "past and held": {"starts_at": begun, "held": True},
        "past and deleted": {"starts_at": begun, "state": "deleted"},
    }
    kept: dict[str, dict[str, Any]] = {
        "in use": {"starts_at": NOW + HOUR},
        "unsaved": {"starts_at": None},
        "just past": {"starts_at": just_begun},
        "series": {"starts_at": begun, "recurring": True},
        "just unlinked": {"state": "unlinked"},
    }
    with engine.begin() as connection:
        for number, (name, values) in enumerate({**over, **kept}.items()):
            link(connection, user_id, **{"id": name, "created_at": long_ago, **values})
            note(connection, name, just_ended if name == "just unlinked" else ended)
            connection.execute(
                sa.insert(intents).values(
                    id=f"i{number}",
                    user_id=user_id,
                    calendar_id="c",
                    event_id=name,
                    mark=name,
                    state="done",
                    link_id=name,
                    created_at=long_ago,
                )
            )
        link(connection, user_id, id="new and deleted", state="deleted", created_at=NOW)
    assert retention.trim_links(engine, NOW) == len(over)
    assert retention.trim_links(engine, NOW) == 0
    assert left(engine) == {*kept, "new and deleted"}
    with engine.connect() as connection:
        assert set(connection.execute(sa.select(intents.c.link_id)).scalars()) == set(kept)
        assert set(connection.execute(sa.select(history.c.link_id)).scalars()) == set(kept)
