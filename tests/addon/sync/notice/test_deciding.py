"""What messages, items and counts mean, without anything being asked or stored."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from addon.google.failures import GoogleFailureKind
from addon.livestorm import Person
from addon.store.channels import Channel, Rung
from addon.store.noticed import Linked, LivestormLinked
from addon.sync.notice import listing, push, registrants
from addon.sync.notice.deliveries import tells_of
from addon.sync.notice.listing import Act
from addon.sync.notice.push import Message, Verdict
from addon.sync.notice.registrants import Counted

AT = datetime(2030, 1, 1, tzinfo=UTC)
WEEK = timedelta(days=7)


def channel(**values: Any) -> Channel:
    given: dict[str, Any] = {
        "id": "c",
        "calendar": "k",
        "user_id": "u",
        "token_digest": push.digest("right"),
        "resource_id": "r",
        "opened_at": AT,
        "expires_at": AT + WEEK,
        "replaced": False,
    }
    return Channel(**(given | values))


def message(**values: str) -> Message:
    return Message(
        **({"channel_id": "c", "token": "right", "resource_id": "r", "state": "exists"} | values)
    )


def judged(
    said: Message,
    rang: Channel | None = None,
    *,
    pushed: datetime | None = None,
    leased: datetime | None = None,
    at: datetime = AT,
) -> Verdict:
    return push.judge(said, Rung(rang or channel(), pushed, leased, None), at)


def test_order_of_checks() -> None:
    assert push.judge(message(), None, AT) is Verdict.UNKNOWN
    assert judged(message()) is Verdict.CHANGED
    assert judged(message(state="sync")) is Verdict.OPENED
    assert judged(message(state="whatever Google invents")) is Verdict.CHANGED
    assert judged(message(token="wrong")) is Verdict.WRONG_TOKEN
    assert judged(message(token="")) is Verdict.WRONG_TOKEN
    assert judged(message(resource_id="x")) is Verdict.WRONG_RESOURCE
    assert judged(message(resource_id="é")) is Verdict.WRONG_RESOURCE
    assert judged(message(resource_id="x"), channel(resource_id=None)) is Verdict.CHANGED
    assert judged(message(), at=AT + WEEK) is Verdict.EXPIRED
    assert judged(message(), channel(replaced=True)) is Verdict.CHANGED
    # A wrong token is told nothing about the resource or the expiry.
    assert judged(message(token="wrong", resource_id="x"), at=AT + WEEK) is Verdict.WRONG_TOKEN


def test_stamp_is_only_left_alone_while_it_waits_to_be_listed() -> None:
    earlier, soon = AT - timedelta(seconds=1), AT + timedelta(seconds=1)
    assert judged(message(), pushed=earlier) is Verdict.COVERED
    assert judged(message(), pushed=earlier, leased=soon) is Verdict.CHANGED
    # By this machine's clock; whoever lists it may have another, and be past the change already.
    assert judged(message(), pushed=earlier, leased=earlier) is Verdict.CHANGED
    # Spread into the future by a sweep: a push does not wait for that.
    assert judged(message(), pushed=soon) is Verdict.CHANGED


@pytest.mark.parametrize(
    ("channels", "needed"),
    [
        ([], True),
        ([channel()], False),
        ([channel(replaced=True)], True),
        ([channel(resource_id=None)], True),
        ([channel(expires_at=AT + timedelta(hours=1))], True),
        ([channel(replaced=True), channel(opened_at=AT + timedelta(hours=1))], False),
    ],
)
def test_when_a_calendar_needs_a_channel(channels: list[Channel], needed: bool) -> None:
    assert push.needs_channel(channels, AT + timedelta(days=3)) is needed


def test_channel_is_renewed_at_half_of_its_life() -> None:
    assert not push.needs_channel([channel()], AT + WEEK / 2 - timedelta(seconds=1))
    assert push.needs_channel([channel()], AT + WEEK / 2)


def test_failed_watch_is_not_repeated_at_once() -> None:
    tried = [channel(replaced=True, resource_id=None)]
    assert not push.needs_channel(tried, AT + timedelta(minutes=9))
    assert push.needs_channel(tried, AT + timedelta(minutes=11))


# Items


def link(**values: Any) -> Linked:
    given: dict[str, Any] = {
        "id": "l",
        "user_id": "u",
        "calendar_id": "k",
        "event_id": "e",
        "ical_uid": "e@google.com",
        "livestorm_event_id": "ls",
        "etag": '"1"',
        "updated": "2030-01-01T00:00:00.000Z",
        "status": "confirmed",
        "deleting": False,
    }
    return Linked(**(given | values))


def item(**values: Any) -> dict[str, Any]:
    return {
        "id": "e",
        "etag": '"2"',
        "status": "confirmed",
        "updated": "2030-01-01T00:00:01.000Z",
        **values,
    }


def acts(links: list[Linked], *items: dict[str, Any]) -> list[tuple[str, Act]]:
    return [(one.link_id, one.act) for one in listing.changes("k", links, items)]


@pytest.mark.parametrize(
    ("given", "act"),
    [
        (item(), Act.KEEP),
        (item(etag='"1"'), None),
        (item(updated="2029-12-31T23:59:59.999Z"), Act.READ),
        (item(updated="not an instant"), Act.KEEP),
        (item(updated=17), Act.KEEP),
        ({"id": "e", "status": "cancelled"}, Act.KEEP),
        ({"id": "e"}, Act.KEEP),
    ],
)
def test_what_an_events_own_item_means(given: dict[str, Any], act: Act | None) -> None:
    assert acts([link()], given) == ([] if act is None else [("l", act)])


def test_deletion_without_details_is_news_once() -> None:
    gone = link(etag=None, updated=None, status="cancelled")
    assert acts([gone], {"id": "e", "status": "cancelled"}) == []
    assert acts([gone], item()) == [("l", Act.KEEP)]


def test_occurrence_is_looked_at_and_never_taken_for_the_series() -> None:
    occurrence = item(id="e_1", recurringEventId="e", status="cancelled")
    assert acts([link()], occurrence) == [("l", Act.LOOK)]
    assert acts([link()], occurrence, item()) == [("l", Act.KEEP)]
    assert acts([link()], item(), occurrence) == [("l", Act.KEEP)]


def test_another_event_only_matters_to_a_link_that_lost_its_own() -> None:
    copy = item(
        id="other",
        iCalUID="e@google.com",
        organizer={"self": True},
        conferenceData={"conferenceId": "ls"},
    )
    assert acts([link()], copy) == []
    assert acts([link(status="cancelled")], copy) == [("l", Act.LOOK)]
    assert acts([link(status=None)], copy) == [("l", Act.LOOK)]
    assert acts([link(deleting=True)], copy) == [("l", Act.LOOK)]
    assert acts([link(deleting=True, calendar_id="another")], copy) == [("l", Act.LOOK)]
    # Where Calendar leaves `self` out, the organizer's address is the calendar's.
    assert acts([link(deleting=True)], {**copy, "organizer": {"email": "K"}}) == [("l", Act.LOOK)]
    # A guest's copy of somebody else's event, and what is deleted itself, stand for nothing.
    assert acts([link(deleting=True)], {**copy, "organizer": {"email": "x@y.z"}}) == []
    assert acts([link(deleting=True)], {**copy, "status": "cancelled"}) == []
    assert acts([link(deleting=True)], {**copy, "iCalUID": "x", "conferenceData": None}) == []


@pytest.mark.parametrize(
    ("known", "missing", "doubted"),
    [(100, 51, True), (100, 50, False), (5, 5, False), (6, 6, True), (0, 0, False), (12, 6, False)],
)
def test_when_a_list_is_doubted(known: int, missing: int, doubted: bool) -> None:
    assert listing.suddenly_empty(known, missing) is doubted


def test_pauses_grow_to_a_bound_and_lasting_refusals_pause_long() -> None:
    kind = GoogleFailureKind.RATE_LIMITED
    pauses = [listing.pause_after(kind, count) for count in range(1, 20)]
    assert pauses == sorted(pauses)
    assert pauses[0] == listing.FIRST_PAUSE
    assert pauses[1] == 2 * listing.FIRST_PAUSE
    assert pauses[-1] == listing.LONGEST_PAUSE
    assert listing.pause_after(GoogleFailureKind.NOT_FOUND, 1) == listing.REFUSED_PAUSE


# People


def counted(session: str, others: int, guests: int = 0) -> Counted:
    return Counted(f"link of {session}", session, others + guests, guests)


def test_count_that_calendars_guests_explain_is_no_news() -> None:
    before = {"s": 1}
    assert registrants.to_read(before, [counted("s", 1, guests=20)]) == set()
    assert registrants.to_read(before, [counted("s", 0, guests=20)]) == {"link of s"}
    assert registrants.to_read(before, [counted("s", 2)]) == {"link of s"}


def test_session_seen_for_the_first_time_is_compared_with_the_others() -> None:
    usual = [counted(f"s{number}", 1, guests=number) for number in range(4)]
    assert registrants.to_read({}, usual) == set()
    assert registrants.to_read({}, [*usual, counted("odd", 0)]) == {"link of odd"}
    assert registrants.to_read({}, [counted("alone", 1)]) == {"link of alone"}


@pytest.mark.parametrize("seen", [None, {}, {"attendees": None}, {"attendees": ["x", {}]}, []])
def test_odd_events_invite_nobody(seen: Any) -> None:
    assert registrants.guests(seen) == frozenset()


def test_who_counts_as_a_guest() -> None:
    seen = {
        "attendees": [
            {"email": "A@x.test"},
            {"email": "b@x.test", "responseStatus": "accepted"},
            {"email": "no@x.test", "responseStatus": "declined"},
            {"email": "room@x.test", "resource": True},
            {"email": "me@x.test", "organizer": True},
            {"email": "mine@x.test", "self": True},
        ]
    }
    assert registrants.guests(seen) == {"a@x.test", "b@x.test"}


def test_whose_registration_is_news() -> None:
    one = LivestormLinked("l", "ls", AT, None, False, None, {"attendees": [{"email": "in@x.test"}]})

    def person(email: str | None, role: str = "participant") -> Person:
        return Person(id="p", role=role, email=email, first_name=None, last_name=None)

    assert not tells_of(one, person("IN@x.test"))
    assert tells_of(one, person("new@x.test"))
    assert tells_of(one, person(None))
    assert not tells_of(one, person("sam@acme.test", "team_member"))
