"""The two addresses where Calendar and Livestorm say that something changed."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from addon.store import engine as store
from addon.store.engine import WAKE_UP_SECONDS
from addon.store.tables import calendars, links
from tests.addon.sync.notice.rig import Pair, Rig, one_kind, rig_of
from tests.support.program import Program


def delivery(pair: Pair, event: str = "session.created", **attributes: Any) -> dict[str, Any]:
    return {
        "data": {
            "id": pair.livestorm_session_id,
            "type": "sessions",
            "attributes": {"event_id": pair.livestorm_event_id, **attributes},
            "meta": {"webhook": {"event": event, "organization_id": "whatever it claims"}},
        }
    }


@pytest.fixture
def rig(program: Program) -> Rig:
    """Both simulators, and noticing that a test steps by hand."""
    return rig_of(program)


@pytest.fixture
def pair(rig: Rig) -> Pair:
    made = rig.pair()
    rig.look()
    rig.look_at_workspace()
    rig.compare()
    return made


def test_right_secret_wakes_the_link_and_answers_nothing(rig: Rig, pair: Pair) -> None:
    answer = rig.deliver(delivery(pair))
    assert (answer.status_code, answer.content) == (204, b"")
    assert rig.marked() == {pair.id}


@pytest.mark.parametrize("secret", ["guessed", "0" * 64, "%00", "a" * 3000])
@one_kind
def test_wrong_secret_gets_404_and_changes_nothing(rig: Rig, pair: Pair, secret: str) -> None:
    url = f"{rig.program.url}/hooks/livestorm/{secret}"
    answer = rig.deliver(delivery(pair), url)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert secret not in answer.text
    assert rig.marked() == set()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'{"data": null}',
        b'{"data": {"id": {}, "type": [], "meta": 7}}',
        b"\xff\xfe",
        b"[" * 100_000,
        json.dumps({"data": {"id": "x" * 100_000, "type": "events"}}).encode(),
        b"x" * 400_000,
    ],
    ids=lambda body: body[:20].decode("latin-1"),
)
@one_kind
def test_body_that_cannot_be_read_is_taken_and_ignored(
    rig: Rig,
    pair: Pair,
    body: bytes,
) -> None:
    answer = rig.program.http.post(rig.webhook_urls()[0], data=body, timeout=10)
    assert answer.status_code == 204
    assert rig.marked() == set()


@one_kind
def test_unknown_ids_are_ignored(rig: Rig, pair: Pair) -> None:
    body = delivery(pair)
    body["data"]["attributes"]["event_id"] = "another event"
    assert rig.deliver(body).status_code == 204
    assert rig.marked() == set()


@one_kind
def test_link_of_another_workspace_is_not_woken(rig: Rig, pair: Pair) -> None:
    with rig.engine.begin() as connection:
        connection.execute(
            sa.text(
                "insert into workspaces (id, name, created_at)"
                " values ('other', 'Other', '2030-01-01')"
            )
        )
        connection.execute(sa.text("update links set workspace_id = 'other'"))
    assert rig.deliver(delivery(pair)).status_code == 204
    assert rig.marked() == set()


def test_503_when_the_wake_up_cannot_be_stored(rig: Rig, pair: Pair) -> None:
    [channel] = rig.channels()
    token = rig.google.channels.open_channels[channel.id].token
    assert token is not None
    with rig.engine.begin() as connection:
        connection.execute(sa.text("alter table calendars rename to calendars_away"))
        connection.execute(sa.text("alter table links rename to links_away"))
    assert rig.ring(channel, X_Goog_Channel_Token=token).status_code == 503
    assert rig.deliver(delivery(pair)).status_code == 503
    with rig.engine.begin() as connection:
        connection.execute(sa.text("alter table calendars_away rename to calendars"))
        connection.execute(sa.text("alter table links_away rename to links"))
    assert rig.ring(channel, X_Goog_Channel_Token=token).status_code == 204


@contextmanager
def written_by_another_process(rig: Rig) -> Iterator[None]:
    """SQLite's write lock is somebody else's meanwhile."""
    other = sqlite3.connect(str(rig.engine.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.close()


@contextmanager
def written_by_another_thread(rig: Rig) -> Iterator[None]:
    """The program itself is writing meanwhile."""
    with store.writing(rig.engine):
        yield


@one_kind
@pytest.mark.parametrize("held", [written_by_another_process, written_by_another_thread])
def test_503_soon_while_the_database_is_locked(
    rig: Rig, pair: Pair, held: Callable[[Rig], AbstractContextManager[None]]
) -> None:
    [channel] = rig.channels()
    token = rig.google.channels.open_channels[channel.id].token
    assert token is not None
    with held(rig):
        for said in (
            rig.ring(channel, X_Goog_Channel_Token=token),
            rig.deliver(delivery(pair)),
        ):
            assert said.status_code == 503
            assert said.headers["Content-Type"] == "application/problem+json"
            assert WAKE_UP_SECONDS / 2 < said.elapsed.total_seconds() < WAKE_UP_SECONDS + 3
    assert rig.marked() == set()
    assert rig.ring(channel, X_Goog_Channel_Token=token).status_code == 204
    assert rig.deliver(delivery(pair)).status_code == 204
    assert rig.marked() == {pair.id}
    # The connections that were in a hurry wait again as long as any other.
    with store.writing(rig.engine) as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 30_000


@contextmanager
def rows_held(rig: Rig) -> Iterator[None]:
    """Every link and calendar is being written by somebody who does not come to an end."""
    with rig.engine.begin() as connection:
        for table in (links, calendars):
            connection.execute(sa.select(table.c.id).with_for_update())
        yield


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_503_soon_while_rows_are_locked(rig: Rig, pair: Pair) -> None:
    [channel] = rig.channels()
    token = rig.google.channels.open_channels[channel.id].token
    assert token is not None
    with rows_held(rig):
        for said in (
            rig.ring(channel, X_Goog_Channel_Token=token),
            rig.deliver(delivery(pair)),
        ):
            assert said.status_code == 503
            assert said.elapsed.total_seconds() < WAKE_UP_SECONDS + 3
    assert rig.deliver(delivery(pair)).status_code == 204
    assert rig.marked() == {pair.id}


@one_kind
def test_no_page_needed_and_no_other_method(rig: Rig, pair: Pair) -> None:
    for url in (f"{rig.program.url}/hooks/google", rig.webhook_urls()[0]):
        for method in ("GET", "PUT", "DELETE", "OPTIONS"):
            assert rig.program.http.request(method, url, timeout=10).status_code == 405


@one_kind
def test_push_without_any_header_is_answered(rig: Rig) -> None:
    assert rig.program.post("/hooks/google").status_code == 204


@one_kind
def test_secrets_stay_out_of_the_logs(
    rig: Rig,
    pair: Pair,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    [channel] = rig.channels()
    rig.ring(channel, X_Goog_Channel_Token="a-secret-guess")
    rig.deliver({"data": "nothing"})
    said = caplog.text + "".join(capsys.readouterr())
    assert "a-secret-guess" not in said
    assert rig.webhook_urls()[0].rpartition("/")[2] not in said


class Statements:
    """What is sent to the database while a request is answered."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self.said: list[str] = []

    def __enter__(self) -> "Statements":
        sa.event.listen(self.engine.pool, "checkout", self._seen)
        return self

    def __exit__(self, *_: object) -> None:
        sa.event.remove(self.engine.pool, "checkout", self._seen)

    def _seen(self, *_: object) -> None:
        self.said.append("checkout")


@one_kind
def test_a_push_takes_two_turns_at_the_database_at_most(rig: Rig, pair: Pair) -> None:
    [channel] = rig.channels()
    token = rig.google.channels.open_channels[channel.id].token
    assert token is not None
    with Statements(rig.engine) as statements:
        rig.ring(channel, X_Goog_Channel_Token=token)
        first = len(statements.said)
        rig.ring(channel, X_Goog_Channel_Token=token)
    # A thread that has read before reads on the connection that it kept, which is no turn.
    assert 1 <= first <= 2
    assert len(statements.said) - first <= 1, "a calendar that is stamped already is left alone"
