"""Erasing a person: every row of theirs, none of anybody else's, and a record without a name."""

from datetime import timedelta

import sqlalchemy as sa

from addon.store import engine as store
from addon.store import erasures, grants, tables, tickets
from tests.addon.store.test_event_lists import ADA, NOW, SAM, add, people
from tests.server.databases import contents


def test_everything_of_a_person_goes_and_nothing_of_others(engine: sa.Engine) -> None:
    people(engine)
    before = contents(engine, without=frozenset({"users"}))
    add(engine, SAM, "Of Sam", 1)
    with_sam = contents(engine)
    _fill(engine)

    erasure = erasures.begin(engine, ADA, NOW)
    assert erasures.begin(engine, ADA, NOW).id == erasure.id
    assert erasure.found == {
        **{"events": 3, "history": 3, "intents": 0, "tickets": 1, "calendars": 1, "channels": 1},
        **{"livestorm": 1, "google": 1, "template": 1, "account": 1},
    }
    assert erasures.erase_links(engine, ADA, most=2) == 2
    assert erasures.left(engine, ADA)["events"] == 1
    assert erasures.erase_links(engine, ADA, most=2) == 1
    assert erasures.erase_links(engine, ADA, most=2) == 0
    erasures.finish(engine, erasure, NOW)

    finished = erasures.get(engine, erasure.id)
    assert finished is not None
    assert (finished.user_id, finished.finished_at) == (None, NOW)
    # The workspace is Sam's as well; one that was Ada's alone goes with her.
    left = contents(engine, without=frozenset({"erasures"}))
    expected = {name: rows for name, rows in with_sam.items() if name != "erasures"}
    expected["users"] = [row for row in expected["users"] if row[0] != ADA]
    assert left == expected
    assert before["workspaces"] == left["workspaces"]


def test_a_workspace_that_nobody_uses_any_more_goes_too(engine: sa.Engine) -> None:
    people(engine)
    _fill(engine)
    with store.writing(engine) as connection:
        connection.execute(
            sa.insert(tables.workspace_watches).values(
                workspace_id="w", secret_digest="d", subscriptions={}, next_poll_at=NOW
            )
        )
    assert erasures.only_user_of(engine, ADA, "w")
    assert not erasures.only_user_of(engine, SAM, "w")
    erasure = erasures.begin(engine, ADA, NOW)
    while erasures.erase_links(engine, ADA, most=10):
        pass
    erasures.finish(engine, erasure, NOW)
    left = contents(engine)
    assert not left["workspaces"]
    assert not left["workspace_watches"]


def test_only_one_process_works_on_an_erasure_at_a_time(engine: sa.Engine) -> None:
    people(engine)
    lease = timedelta(minutes=2)
    erasure = erasures.begin(engine, ADA, NOW)
    assert erasures.abandoned(engine, NOW, most=5) == [erasure.id]
    assert erasures.take(engine, erasure.id, NOW, lease)
    assert not erasures.take(engine, erasure.id, NOW, lease)
    assert erasures.abandoned(engine, NOW, most=5) == []
    later = NOW + timedelta(minutes=1)
    erasures.keep(engine, erasure.id, later, lease)
    assert not erasures.take(engine, erasure.id, NOW + lease, lease)
    assert erasures.take(engine, erasure.id, later + lease + timedelta(seconds=1), lease)
    erasures.note_untold(engine, erasure.id, ["google"])
    erasures.finish(engine, erasure, later)
    assert erasures.abandoned(engine, NOW + timedelta(days=1), most=5) == []
    # What is left of it is forgotten as well, when somebody else is erased.
    erasures.begin(engine, SAM, NOW + timedelta(days=1))
    assert erasures.get(engine, erasure.id) is None


def _fill(engine: sa.Engine) -> None:
    """Something of Ada's in every table that may hold it."""
    for number in range(3):
        add(engine, ADA, f"Event {number}", number)
    tickets.issue(engine, ADA, "purpose", NOW)
    grants.save(engine, user_id=ADA, sealed="s", expires_at=NOW, scopes="calendar", now=NOW)
    with store.writing(engine) as connection:
        connection.execute(
            sa.update(tables.users)
            .where(tables.users.c.id == ADA)
            .values(template_event_id="t", template_title="Template", template_saved_at=NOW)
        )
        connection.execute(
            sa.insert(tables.livestorm_connections).values(
                user_id=ADA,
                workspace_id="w",
                kind="oauth",
                secret="sealed",
                state="active",
                connected_at=NOW,
            )
        )
        connection.execute(
            sa.insert(tables.calendars).values(id="c", user_id=ADA, calendar_id="ada@acme.test")
        )
        connection.execute(
            sa.insert(tables.channels).values(
                id="channel", calendar="c", token_digest="d", opened_at=NOW, expires_at=NOW
            )
        )
