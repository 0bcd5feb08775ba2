"""Push messages and the channels they come from.

Numbers are those of the reported failures that docs/sync-scenarios.md lists.
"""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine

from addon.clock import now
from addon.store.tables import channels
from addon.sync.notice import push
from sandbox.simulation import Fault
from tests.addon.sync.notice.rig import (
    CAMILLE,
    SWEEP_SECONDS,
    Pair,
    Rig,
    one_kind,
    patch,
    refusal,
)


def test_01_dropped_push_is_made_good_by_the_sweep(rig: Rig) -> None:
    pair = rig.settled()
    rig.google.switches.push_drop_percent = 100.0
    patch(rig, pair, summary="Nobody rang")
    assert rig.look() == 0
    with time_machine.travel(now() + timedelta(seconds=SWEEP_SECONDS + 1)):
        rig.noticing.sweep.calendars()
        assert rig.look() == 1
        assert rig.marked() == {pair.id}


def test_02_push_an_hour_late_costs_a_list_and_no_harm(rig: Rig) -> None:
    pair = rig.settled()
    rig.google.switches.change({"webhook_delivery": "manual", "push_delay_seconds": 3600.0})
    patch(rig, pair, summary="Late")
    rig.noticing.sweep.calendars()
    rig.notices.ensure_calendar(pair.user_id, CAMILLE)
    rig.look()
    rig.compare()
    with time_machine.travel(now() + timedelta(seconds=3700)):
        assert rig.google.deliver_notifications() == 1
        assert rig.look() == 1
        assert rig.marked() == set()


def test_03_burst_of_twenty_pushes_is_one_stamp_and_at_most_two_lists(rig: Rig) -> None:
    pair = rig.settled()
    rig.google.switches.push_duplicates = 19
    patch(rig, pair, summary="Twenty rings")
    rig.delivered()
    first = rig.calendar().pushed_at
    assert rig.look() <= 2
    assert len(rig.lists()) <= 2
    assert rig.marked() == {pair.id}
    delivered = [one for one in rig.google.channels.deliveries if one.state == "exists"]
    assert len([one for one in delivered if one.status == 204]) == 20
    assert first is not None


def test_a_stamp_that_waits_is_not_written_again(rig: Rig) -> None:
    pair = rig.settled()
    patch(rig, pair, summary="One")
    rig.delivered()
    first = rig.calendar().pushed_at
    patch(rig, pair, summary="Two")
    rig.delivered()
    assert rig.calendar().pushed_at == first


def test_04_sync_message_before_the_watch_is_answered_changes_nothing(rig: Rig) -> None:
    rig.google.switches.sync_message_before_response = True
    rig.pair()
    assert rig.look() == 1
    [first] = rig.google.channels.deliveries
    assert (first.state, first.status) == ("sync", 204)
    assert rig.calendar().pushed_at is None


def test_05_push_of_an_unknown_channel_is_answered_and_ignored(rig: Rig) -> None:
    rig.settled()
    assert rig.ring(X_Goog_Channel_Token="anything").status_code == 204
    assert rig.calendar().pushed_at is None


def test_05_push_of_a_stopped_channel_is_ignored(rig: Rig) -> None:
    rig.settled()
    [channel] = rig.channels()
    rig.notices.forget_user(channel.user_id)
    assert rig.ring(channel).status_code == 204
    rig.notices.ensure_calendar(channel.user_id, CAMILLE)
    rig.look()
    assert rig.ring(channel).status_code == 204
    assert rig.calendar().pushed_at is None


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X_Goog_Channel_Token": "guessed"},
        {"X_Goog_Channel_Token": "x" * 5000},
        {"X_Goog_Channel_Token": ""},
    ],
)
@one_kind
def test_06_forged_push_is_answered_and_ignored(rig: Rig, headers: dict[str, str]) -> None:
    rig.settled()
    [channel] = rig.channels()
    assert rig.ring(channel, **headers).status_code == 204
    assert rig.calendar().pushed_at is None


@one_kind
def test_06_right_token_with_another_resource_is_ignored(rig: Rig) -> None:
    rig.settled()
    [channel] = rig.channels()
    token = rig.google.channels.open_channels[channel.id].token
    assert token is not None
    answer = rig.ring(channel, X_Goog_Channel_Token=token, X_Goog_Resource_ID="another resource")
    assert answer.status_code == 204
    assert rig.calendar().pushed_at is None
    rig.ring(channel, X_Goog_Channel_Token=token)
    assert rig.calendar().pushed_at is not None


@one_kind
def test_the_token_itself_is_not_stored(rig: Rig) -> None:
    rig.settled()
    [channel] = rig.channels()
    token = rig.google.channels.open_channels[channel.id].token
    assert token is not None
    assert len(token) >= 43
    assert token not in repr(channel)
    assert channel.token_digest != token


def test_07_channel_that_expired_overnight_is_renewed_and_the_gap_is_listed(rig: Rig) -> None:
    pair = rig.settled()
    [old] = rig.channels()
    with time_machine.travel(old.expires_at + timedelta(hours=1)):
        patch(rig, pair, summary="In the gap")
        assert rig.look() == 0
        rig.noticing.sweep.calendars()
        rig.look()
        assert rig.marked() == {pair.id}
        [new] = [one for one in rig.channels() if not one.replaced]
        assert new.id != old.id


def test_push_of_an_expired_channel_is_ignored(rig: Rig) -> None:
    rig.settled()
    [channel] = rig.channels()
    token = rig.google.channels.open_channels[channel.id].token
    assert token is not None
    with time_machine.travel(channel.expires_at + timedelta(seconds=1)):
        assert rig.ring(channel, X_Goog_Channel_Token=token).status_code == 204
    assert rig.calendar().pushed_at is None


def test_08_channel_is_renewed_at_half_life_new_one_first(rig: Rig) -> None:
    pair = rig.settled()
    [old] = rig.channels()
    with time_machine.travel(old.opened_at + timedelta(days=3, hours=13)):
        rig.noticing.tidy()
        rig.look()
        [new] = rig.channels()
        assert new.id != old.id
        assert set(rig.google.channels.open_channels) == {new.id}
        made = [call.path.rpartition("/")[2] for call in rig.google.log if call.method == "POST"]
        assert [one for one in made if one in {"watch", "stop"}] == ["watch", "stop"]
        rig.clear_logs()
        patch(rig, pair, summary="After renewal")
        assert rig.look() == 1
        assert rig.marked() == {pair.id}


def test_08_two_channels_at_once_cost_one_pass(rig: Rig) -> None:
    pair = rig.settled()
    [old] = rig.channels()
    with time_machine.travel(old.opened_at + timedelta(days=4)):
        rig.google.faults.add(Fault("status", "/channels/stop", status=503, times=None))
        rig.noticing.tidy()
        rig.look()
        assert len(rig.channels()) == 2
        rig.compare()
        rig.clear_logs()
        patch(rig, pair, summary="Rung twice")
        assert rig.look() <= 2
        assert rig.marked() == {pair.id}
        rig.google.faults.clear()
        rig.noticing.tidy()
        assert len(rig.channels()) == 1
        assert len(rig.google.channels.open_channels) == 1


def test_granted_expiration_is_believed_not_what_was_asked(rig: Rig) -> None:
    rig.google.switches.max_channel_ttl_seconds = 7200
    rig.settled()
    [channel] = rig.channels()
    assert channel.expires_at < now() + timedelta(hours=2, minutes=1)
    with time_machine.travel(now() + timedelta(minutes=61)):
        rig.noticing.tidy()
        rig.look()
        [new] = rig.channels()
        assert new.id != channel.id


def test_channel_of_untold_life_lives_as_long_as_was_asked(rig: Rig) -> None:
    rig.google.switches.channel_expiration_told = False
    rig.settled()
    [channel] = rig.channels()
    assert not channel.replaced
    assert abs(channel.expires_at - (now() + push.LIFETIME)) < timedelta(minutes=1)
    with time_machine.travel(now() + timedelta(minutes=11)):
        rig.noticing.tidy()
        rig.look()
        assert [one.id for one in rig.channels()] == [channel.id]
        assert len(rig.google.channels.open_channels) == 1


def test_09_handler_needs_no_body_and_no_state_it_knows(rig: Rig) -> None:
    rig.settled()
    [channel] = rig.channels()
    token = rig.google.channels.open_channels[channel.id].token
    assert token is not None
    rig.ring(channel, X_Goog_Channel_Token=token, X_Goog_Resource_State="not_exists")
    assert rig.calendar().pushed_at is not None


def test_10_calendar_that_cannot_be_watched_is_listed_by_the_sweep(rig: Rig) -> None:
    rig.google.faults.add(
        Fault(
            "status",
            "/watch$",
            status=400,
            times=None,
            body=refusal(400, "pushNotSupportedForRequestedResource"),
        )
    )
    pair = rig.settled()
    assert rig.google.channels.open_channels == {}
    patch(rig, pair, summary="Unheard")
    with time_machine.travel(now() + timedelta(seconds=SWEEP_SECONDS + 30)):
        rig.noticing.sweep.calendars()
        rig.look()
    assert rig.marked() == {pair.id}


@one_kind
def test_10_watch_that_is_refused_is_not_asked_for_at_every_list(rig: Rig) -> None:
    rig.google.faults.add(Fault("status", "/watch$", status=403, times=None))
    pair = rig.settled()
    for title in ("One", "Two", "Three"):
        rig.notices.ensure_calendar(pair.user_id, CAMILLE)
        patch(rig, pair, summary=title)
        rig.look()
    assert rig.google.log.matching("POST", "/watch$") == []


def test_channel_whose_answer_was_lost_is_stopped_and_opened_again(rig: Rig) -> None:
    rig.google.faults.add(Fault("drop_after", "/watch$", method="POST"))
    pair = rig.settled()
    [channel] = rig.channels()
    assert not channel.replaced
    assert set(rig.google.channels.open_channels) == {channel.id}
    patch(rig, pair, summary="Rung once")
    assert rig.look() == 1
    assert rig.marked() == {pair.id}


@one_kind
def test_channel_whose_answer_and_first_message_were_lost_is_stopped_when_it_rings(
    rig: Rig,
) -> None:
    pair = rig.settled()
    [orphan] = rig.google.channels.open_channels
    with rig.engine.begin() as connection:
        # What is stored when neither of them came.
        connection.execute(sa.update(channels).values(resource_id=None, replaced=True))
    with time_machine.travel(now() + timedelta(minutes=11)):
        patch(rig, pair, summary="Rung")
        rig.look()
        rig.noticing.tidy()
        [channel] = rig.channels()
        assert channel.id != orphan
        assert set(rig.google.channels.open_channels) == {channel.id}


def test_watch_that_failed_for_a_while_is_tried_again_after_a_pause(rig: Rig) -> None:
    rig.google.faults.add(Fault("status", "/watch$", status=503))
    pair = rig.settled()
    rig.notices.ensure_calendar(pair.user_id, CAMILLE)
    rig.look()
    assert rig.google.channels.open_channels == {}
    with time_machine.travel(now() + timedelta(minutes=11)):
        rig.notices.ensure_calendar(pair.user_id, CAMILLE)
        rig.look()
        [channel] = [one for one in rig.channels() if not one.replaced]
        assert set(rig.google.channels.open_channels) == {channel.id}
    with time_machine.travel(now() + timedelta(days=9)):
        rig.noticing.sweep.purge()
        assert rig.channels() == []


class PushDuringList:
    """Rings while a list is on its way: what it is about may not be in the answer any more."""

    def __init__(self, rig: Rig, pair: Pair) -> None:
        self.rig, self.pair, self.rung = rig, pair, 0
        self._changes = rig.program.product.calendar.changes  # type: ignore[union-attr]

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        page = self._changes(*arguments, **options)
        if not self.rung:
            self.rung += 1
            patch(self.rig, self.pair, summary="During the list")
            self.rig.delivered()
        return page


def test_11_push_during_a_list_leads_to_one_more(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = rig.settled()
    patch(rig, pair, summary="Before the list")
    rig.delivered()
    monkeypatch.setattr(rig.program.product.calendar, "changes", PushDuringList(rig, pair))  # type: ignore[union-attr]
    assert rig.look() == 2
    assert len(rig.lists()) == 2
    assert rig.row(pair).calendar_seen["summary"] == "During the list"
    assert rig.calendar().pushed_at is None
