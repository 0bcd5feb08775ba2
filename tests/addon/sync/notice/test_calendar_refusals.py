"""What Google refuses: for a while, for a person, for a calendar.

Numbers are those of the reported failures that docs/sync-scenarios.md lists.
"""

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from cryptography.fernet import Fernet

from addon.clock import now
from addon.store.tables import google_grants
from addon.store.vault import Vault
from sandbox.google import TEAM_CALENDAR
from sandbox.simulation import Fault
from tests.addon.sync.notice.rig import (
    CAMILLE,
    SAM,
    SWEEP_SECONDS,
    Rig,
    one_kind,
    patch,
    refusal,
)

# Refusals


@pytest.mark.parametrize(
    ("code", "reason"),
    [(403, "rateLimitExceeded"), (429, "rateLimitExceeded"), (500, "backendError"), (503, "x")],
)
@one_kind
def test_57_refusals_for_the_rate_pause_with_growing_pauses(
    rig: Rig, code: int, reason: str
) -> None:
    pair = rig.settled()
    rig.google.faults.add(
        Fault("status", r"/events$", status=code, times=2, body=refusal(code, reason))
    )
    patch(rig, pair, summary="Edited")
    rig.look()
    first = rig.calendar().next_at - now()
    assert timedelta(seconds=3) < first < timedelta(seconds=8)
    with time_machine.travel(now() + first + timedelta(seconds=1)):
        rig.look()
        assert rig.calendar().failures == 2
        assert rig.calendar().next_at - now() > timedelta(seconds=8)
    with time_machine.travel(now() + timedelta(minutes=1)):
        rig.look()
    assert rig.marked() == {pair.id}
    assert rig.calendar().failures == 0


@one_kind
def test_status_that_nobody_documents_is_a_refusal(rig: Rig) -> None:
    """Of something between Google and us; what it is called is registered nowhere."""
    pair = rig.settled()
    rig.google.faults.add(Fault("status", r"/events$", status=499, times=None))
    patch(rig, pair, summary="Edited")
    rig.look()
    assert rig.calendar().next_at > now()
    assert rig.calendar().lease is None


def test_calendar_that_is_open_again_is_listed_when_it_rings(rig: Rig) -> None:
    """Not only when the six hours are over for which a closed one is left alone."""
    pair = rig.settled()
    closed = Fault("status", r"/events$", status=404, times=None)
    rig.google.faults.add(closed)
    patch(rig, pair, summary="Unseen")
    rig.look()
    assert rig.calendar().next_at - now() > timedelta(hours=5)
    rig.google.faults.remove(closed)
    patch(rig, pair, summary="Seen")
    rig.look()
    assert rig.marked() == {pair.id}


def test_pause_that_will_soon_be_over_is_kept_however_it_rings(rig: Rig) -> None:
    pair = rig.settled()
    rig.google.faults.add(Fault("status", r"/events$", status=503, times=None))
    patch(rig, pair, summary="Edited")
    assert rig.look() == 1
    patch(rig, pair, summary="Edited again")
    assert rig.look() == 0


def test_failing_calendar_of_one_person_slows_nobody_else(rig: Rig) -> None:
    mine, theirs = rig.settled(), rig.settled(email=SAM)
    rig.google.faults.add(Fault("status", f"/calendars/{CAMILLE}/events$", status=503, times=None))
    patch(rig, mine, summary="Stuck")
    patch(rig, theirs, summary="Goes on")
    rig.look()
    assert rig.marked() == {theirs.id}


# Grants


def test_64_revoked_grant_stops_all_calls_for_that_person_only(rig: Rig) -> None:
    mine, theirs = rig.settled(), rig.settled(email=SAM)
    rig.google.revoke_access(CAMILLE)
    patch(rig, mine, summary="Unseen")
    patch(rig, theirs, summary="Seen")
    rig.look()
    assert rig.marked() == {theirs.id}
    assert rig.activation.state(mine.user_id) == "revoked"
    assert rig.channels() == []
    rig.clear_logs()
    patch(rig, mine, summary="Still unseen")
    with time_machine.travel(now() + timedelta(seconds=SWEEP_SECONDS * 2)):
        rig.noticing.sweep.calendars()
        rig.noticing.sweep.links()
        rig.noticing.tidy()
        rig.look()
    assert not [call for call in rig.google.log if CAMILLE in call.path]
    # The links and what was seen of them stay, and activating anew resumes.
    rig.activate(CAMILLE, mine.user_id)
    rig.notices.ensure_calendar(mine.user_id, CAMILLE)
    rig.look()
    assert mine.id in rig.marked()


def test_66_refused_access_token_is_renewed_once(rig: Rig) -> None:
    pair = rig.settled()
    rig.google.grants.access_tokens.clear()
    patch(rig, pair, summary="Edited")
    rig.look()
    assert rig.marked() == {pair.id}
    assert [call.status for call in rig.lists()] == [401, 200]


def test_67_refresh_token_that_died_silently_ends_the_grant(rig: Rig) -> None:
    pair = rig.settled()
    rig.google.switches.refresh_tokens_per_client = 1
    rig.google.grants.access_tokens.clear()
    rig.google.refresh_token(CAMILLE, ["openid"])
    rig.notices.ensure_calendar(pair.user_id, CAMILLE)
    rig.look()
    assert rig.activation.state(pair.user_id) == "revoked"


@one_kind
def test_key_that_is_missing_for_a_while_loses_no_calendar(rig: Rig) -> None:
    pair = rig.settled()
    other = Vault([Fernet.generate_key().decode()]).seal(pair.user_id, {})
    with rig.engine.begin() as connection:
        [sealed] = connection.scalars(sa.select(google_grants.c.secret))
        connection.execute(sa.update(google_grants).values(secret=other))
    patch(rig, pair, summary="Unseen")
    rig.look()
    assert rig.marked() == set()
    with rig.engine.begin() as connection:
        connection.execute(sa.update(google_grants).values(secret=sealed))
    with time_machine.travel(now() + timedelta(minutes=1)):
        rig.look()
        assert rig.marked() == {pair.id}
        assert len(rig.channels()) == 1


@one_kind
def test_68_administrator_who_blocks_the_program_pauses_it(rig: Rig) -> None:
    pair = rig.settled()
    rig.google.grants.access_tokens.clear()
    rig.google.switches.admin_policy_enforced = True
    rig.notices.ensure_calendar(pair.user_id, CAMILLE)
    rig.look()
    rig.clear_logs()
    rig.look()
    assert len(rig.google.log) == 0
    assert rig.marked() == set()


def test_69_lost_access_to_a_calendar_pauses_it_and_deletes_nothing(rig: Rig) -> None:
    pair = rig.settled(email=SAM, calendar_id=TEAM_CALENDAR)
    rig.google.world.share(TEAM_CALENDAR, SAM, None)
    rig.notices.ensure_calendar(pair.user_id, TEAM_CALENDAR)
    rig.look()
    row = rig.calendar(TEAM_CALENDAR)
    assert row.next_at > now() + timedelta(hours=5)
    assert rig.marked() == set()
    assert rig.row(pair).calendar_seen is not None


def test_70_deleted_calendar_is_left_alone_and_deletes_nothing(rig: Rig) -> None:
    pairs = [rig.settled(calendar_id=TEAM_CALENDAR) for _ in range(3)]
    rig.google.world.delete_calendar(TEAM_CALENDAR)
    rig.notices.ensure_calendar(pairs[0].user_id, TEAM_CALENDAR)
    rig.look()
    assert rig.calendar(TEAM_CALENDAR).next_at > now() + timedelta(hours=5)
    assert rig.marked() == set()
    rig.clear_logs()
    with time_machine.travel(now() + timedelta(hours=1)):
        rig.noticing.sweep.calendars()
        rig.look()
    assert len(rig.google.log) == 0
